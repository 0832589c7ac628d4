'use strict';

/**
 * The fixture application as a process of its own, with the plugin from its TypeScript source: for tests that kill it.
 * Started by strapi-process.ts. TypeScript is compiled while it is loaded, as jest does it.
 *
 * `TEST_STRAPI_HOOK` names a module whose default export gets the Strapi before it loads.
 */
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { transformSync } = require('@swc/core');

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    sourceMaps: 'inline',
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  module._compile(code, filename);
};

const { createStrapi } = require('@strapi/strapi');

const appDir = path.join(__dirname, '..', 'app');
const strapi = createStrapi({ appDir, distDir: appDir });
const hook = process.env.TEST_STRAPI_HOOK;
if (hook) require(hook).default(strapi);

strapi
  .start()
  .then(() => {
    const { port } = strapi.server.httpServer.address();
    process.send({ origin: `http://127.0.0.1:${port}` });
    // The test is gone: so is its Strapi.
    process.on('disconnect', () => process.exit(1));
  })
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
