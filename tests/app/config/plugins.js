'use strict';

const { withOverrides } = require('../lib/overrides');

module.exports = () =>
  withOverrides('plugins', {
    'user-provisioning': { enabled: true, resolve: './src/plugins/user-provisioning', config: { watermarkFolder: '' } },
    'users-permissions': { config: { jwtManagement: 'refresh', jwtSecret: 'test-users-permissions-secret', ratelimit: { enabled: false } } },
  });
