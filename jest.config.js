'use strict';

const swc = (/** @type {boolean} */ tsx) => ({
  '^.+\\.(t|j|mj)sx?$': [
    '@swc/jest',
    {
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', tsx },
        ...(tsx ? { transform: { react: { runtime: 'automatic' } } } : {}),
      },
      module: { type: 'commonjs' },
    },
  ],
});

/** The packages that a room of tests loads and that ship ES modules only. */
const except = (/** @type {string[]} */ ...packages) => [`/node_modules/(?!(${packages.join('|')})/)`];

const node = (/** @type {string} */ displayName) => ({
  displayName,
  testEnvironment: 'node',
  testMatch: [`<rootDir>/tests/${displayName}/**/*.test.ts`],
  transform: swc(false),
  transformIgnorePatterns: except('@marcbachmann/cel-js'),
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/playground'],
  watchPathIgnorePatterns: ['<rootDir>/tests/.output'],
});

/** Of the panel. */
const ESM = ['fractional-indexing', '@strapi/design-system', '@strapi/icons', 'react-dnd', 'dnd-core', 'react-dnd-html5-backend'];

/** @type {import('jest').Config} */
module.exports = {
  // Large sizes (tests/helpers/size.ts) take long.
  testTimeout: process.env.TEST_FULL === '1' ? 1_800_000 : 60_000,
  projects: [
    node('unit'),
    node('contract'),
    node('integration'),
    node('faults'),
    {
      displayName: 'admin',
      testEnvironment: '<rootDir>/tests/admin/env.js',
      setupFilesAfterEnv: ['<rootDir>/tests/admin/setup.ts'],
      testMatch: ['<rootDir>/tests/admin/**/*.test.tsx'],
      transform: swc(true),
      transformIgnorePatterns: except(...ESM),
      // The whole `@strapi/strapi/admin` pulls in every plugin of Strapi.
      moduleNameMapper: { '^@strapi/strapi/admin$': require.resolve('@strapi/admin/strapi-admin') },
      modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/playground'],
    },
    node('e2e'),
  ],
};
