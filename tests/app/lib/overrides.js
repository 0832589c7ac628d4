'use strict';

/**
 * What a test asked for on top of a config file: `TEST_STRAPI_CONFIG` is JSON, keyed by file name. Read at every boot.
 */
const { merge } = require('lodash');

module.exports = {
  /**
   * @param {string} file
   * @param {Record<string, unknown>} config
   */
  withOverrides(file, config) {
    const overrides = JSON.parse(process.env.TEST_STRAPI_CONFIG || '{}');
    return merge({}, config, overrides[file]);
  },
};
