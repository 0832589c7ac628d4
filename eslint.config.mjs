import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const STRAPI = { group: ['@strapi/*', '@strapi/**'], message: 'Only strapi/, http/, jobs/ and container.ts know Strapi.' };
const KOA = { group: ['koa', 'koa-*', 'koa/*', '@koa/*'], message: 'Only http/ knows Koa.' };
const KNEX = { group: ['knex', 'knex/*'], message: 'Only strapi/ knows knex.' };
const LDAP = { group: ['ldapts', 'ldapts/*'], message: 'Only ldap/ knows ldapts.' };
/** The rooms that know Strapi or a protocol, however deep the importing file stands. */
const OUTER_ROOMS = {
  regex: '(^|/)\\.\\./(.*/)?(strapi|http|jobs|ldap)(/|$)|(^|/)container(\\.js)?$',
  message: 'Inner rooms do not import outer ones: put an interface into ports/.',
};

/** Where nothing of Strapi, Koa, knex or ldapts may be known. */
export const INNER_ROOMS = ['domain', 'engine', 'ports', 'scim'].map((room) => `server/src/${room}/**/*.ts`);

const restricted = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

const rules = {
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/no-non-null-assertion': 'error',
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
  '@typescript-eslint/no-invalid-void-type': 'off',
  '@typescript-eslint/no-extraneous-class': 'off',
  'eqeqeq': ['error', 'always', { null: 'ignore' }],
  'no-console': 'error',
  'no-debugger': 'error',
};

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/**',
      '**/dist/**',
      '**/build/**',
      '**/coverage/**',
      '**/.strapi/**',
      '**/.cache/**',
      '**/.tmp/**',
      'tests/.output/**',
      'playground/types/**',
    ],
  },
  { files: ['**/*.{ts,tsx,mjs,cjs,js}'], extends: [tseslint.configs.strict], rules },
  // Configuration that Node or Strapi loads as CommonJS.
  { files: ['**/*.cjs', 'jest.config.js', 'tests/**/*.js'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  // Tests load drivers and modules on demand.
  { files: ['tests/**/*.{ts,tsx}'], rules: { '@typescript-eslint/no-require-imports': 'off', '@typescript-eslint/no-dynamic-delete': 'off' } },
  // Programs for the terminal print, and tests watch what is printed.
  { files: ['bench/**', 'tests/**'], rules: { 'no-console': 'off' } },

  { files: ['server/src/**/*.ts'], rules: restricted(LDAP) },
  { files: ['server/src/ldap/**/*.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: INNER_ROOMS,
    rules: {
      ...restricted(STRAPI, KOA, KNEX, LDAP, OUTER_ROOMS),
      // The ways around an import at the top of the file.
      'no-restricted-globals': ['error', { name: 'strapi', message: STRAPI.message }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression, TSImportType', message: 'Inner rooms import at the top of the file, where the boundary rule sees it.' },
      ],
    },
  },
  {
    files: ['admin/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      ...restricted({
        regex: 'server/src/(?!contracts(/|$))',
        message: 'The panel knows the contracts of the server and nothing else of it.',
      }),
    },
  }
);
