'use strict';

const { TestEnvironment } = require('jest-environment-jsdom');

/** What the panel expects of a browser and jsdom does not have; Node has all of it. */
const FROM_NODE = [
  'fetch',
  'Request',
  'Response',
  'Headers',
  'structuredClone',
  'TextEncoder',
  'TextDecoder',
  'ReadableStream',
  'TransformStream',
  'BroadcastChannel',
  'AbortController',
  'AbortSignal',
];

module.exports = class AdminEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of FROM_NODE) this.global[name] = globalThis[name];
  }
};
