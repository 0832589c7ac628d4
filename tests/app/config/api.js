'use strict';

const { withOverrides } = require('../lib/overrides');

module.exports = () => withOverrides('api', { rest: { defaultLimit: 25, maxLimit: 100, withCount: true } });
