'use strict';

const { withOverrides } = require('../lib/overrides');

module.exports = () =>
  withOverrides('admin', {
    serveAdminPanel: false,
    rateLimit: { enabled: false },
    auth: { secret: 'test-admin-secret' },
    apiToken: { salt: 'test-api-token-salt' },
    transfer: { token: { salt: 'test-transfer-token-salt' } },
    secrets: { encryptionKey: 'test-encryption-key-32-characters' },
    flags: { nps: false, promoteEE: false },
  });
