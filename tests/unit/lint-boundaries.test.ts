/**
 * The boundary rule of the rooms, seen failing and passing. ESLint runs in a process of its own, once for all cases: its
 * configuration is an ES module, which jest does not load.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

const REFUSED = [
  ['server/src/domain/plan/probe.ts', '@strapi/utils'],
  ['server/src/domain/probe.ts', '@strapi/strapi'],
  ['server/src/engine/probe.ts', 'koa'],
  ['server/src/ports/probe.ts', 'knex'],
  ['server/src/scim/client/probe.ts', 'ldapts'],
  ['server/src/scim/server/probe.ts', '../../strapi/accounts/end-users'],
  ['server/src/engine/probe.ts', '../http/scim/bridge'],
  ['server/src/engine/probe.ts', '../jobs'],
  ['server/src/domain/probe.ts', '../container'],
  ['server/src/strapi/probe.ts', 'ldapts'],
  ['admin/src/pages/probe.ts', '../../../server/src/domain/errors'],
] as const;

const ALLOWED = [
  ['server/src/domain/probe.ts', '../contracts/operation'],
  ['server/src/engine/probe.ts', '../ports/directory'],
  ['server/src/scim/server/probe.ts', '../../ports/scim-service'],
  ['server/src/strapi/probe.ts', '@strapi/utils'],
  ['server/src/container.ts', './strapi/accounts/end-users'],
  ['server/src/ldap/probe.ts', 'ldapts'],
  ['admin/src/pages/probe.ts', '../../../server/src/contracts/operation'],
] as const;

const LINTER = `
  import { ESLint } from 'eslint';
  let input = '';
  for await (const chunk of process.stdin) input += chunk;
  const eslint = new ESLint();
  const rules = [];
  for (const { file, text } of JSON.parse(input)) {
    const [result] = await eslint.lintText(text, { filePath: file });
    rules.push(result.messages.map((message) => message.ruleId ?? message.message));
  }
  process.stdout.write(JSON.stringify(rules));
`;

const CASES = [...REFUSED, ...ALLOWED];
let found: string[][] = [];
let aroundTheImport: string[] = [];

const AROUND = `
  export type Strapi = import('@strapi/types').Core.Strapi;
  export const later = () => import('@strapi/utils');
  export const old = require('@strapi/utils');
  export const global = strapi;
`;

const rulesBrokenBy = (file: string, source: string): string[] | undefined =>
  found[CASES.findIndex((candidate) => candidate[0] === file && candidate[1] === source)];

beforeAll(() => {
  const around = { file: 'server/src/domain/probe.ts', text: AROUND };
  const probes = CASES.map(([file, source]) => ({ file, text: `import * as it from '${source}';\n\nexport default it;\n` }));
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', LINTER], {
    cwd: ROOT,
    input: JSON.stringify([...probes, around]),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  found = JSON.parse(stdout) as string[][];
  aroundTheImport = found.pop() ?? [];
});

describe('lint holds the rooms apart', () => {
  it.each(REFUSED)('%s may not import %s', (file, source) => {
    expect(rulesBrokenBy(file, source)).toEqual(['no-restricted-imports']);
  });

  it('sees the ways around an import', () => {
    expect(aroundTheImport).toEqual(['no-restricted-syntax', 'no-restricted-syntax', '@typescript-eslint/no-require-imports', 'no-restricted-globals']);
  });

  it.each(ALLOWED)('%s may import %s', (file, source) => {
    expect(rulesBrokenBy(file, source)).toEqual([]);
  });
});
