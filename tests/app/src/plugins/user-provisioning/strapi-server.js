'use strict';

// The repository's TypeScript source, compiled by jest: tests need no build.
module.exports = require('../../../../../strapi-server').default;
