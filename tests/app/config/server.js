'use strict';

const { withOverrides } = require('../lib/overrides');

module.exports = ({ env }) =>
  withOverrides('server', {
    host: '127.0.0.1',
    // Several run side by side: whatever PORT says is for others.
    port: 0,
    app: { keys: ['test-key-one', 'test-key-two'] },
    logger: { startup: { enabled: false }, updates: { enabled: false }, config: { level: env('TEST_LOG_LEVEL', 'error') } },
  });
