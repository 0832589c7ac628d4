'use strict';

const { withOverrides } = require('../lib/overrides');

module.exports = ({ env }) =>
  withOverrides('server', {
    host: '127.0.0.1',
    port: env.int('PORT', 0),
    app: { keys: ['test-key-one', 'test-key-two'] },
    logger: { startup: { enabled: false }, updates: { enabled: false }, config: { level: env('TEST_LOG_LEVEL', 'error') } },
  });
