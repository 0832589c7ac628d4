import { DEFAULT_GUARD } from '../../../server/src/domain/guard/limits';
import type { ConnectionInfo, PluginStatus } from '../../../server/src/contracts/connection';
import type { OperationDetail, OperationPage, OperationSummary } from '../../../server/src/contracts/operation';
import { DEFAULT_POLICIES } from '../../../server/src/domain/connection/policies';

export const status = (overrides: Partial<PluginStatus> = {}): PluginStatus => ({
  encryptionReady: true,
  maintenance: { paused: false, since: null, reason: '' },
  connections: { total: 1, enabled: 1 },
  delivery: { pending: 0, failed: 0, oldestPendingAt: null },
  operations24h: { success: 3, skipped: 0, refused: 1, failed: 1 },
  absoluteUrlKnown: true,
  ...overrides,
});

export const inbound = (overrides: Partial<ConnectionInfo> = {}): ConnectionInfo => ({
  id: 1,
  key: 'okta-production',
  name: 'Okta production',
  direction: 'inbound',
  population: 'end-users',
  system: 'okta',
  preset: 'okta',
  enabled: true,
  review: null,
  baseUrl: '/api/scim/v2/okta-production',
  tokenUrl: '/api/user-provisioning/okta-production/oauth/token',
  defaultRoleId: null,
  roleMappings: [],
  missingRoleIds: [],
  guard: DEFAULT_GUARD,
  policies: DEFAULT_POLICIES,
  tokens: [
    {
      id: 11,
      name: 'First token',
      hint: 'upt_abcd',
      createdAt: '2026-01-01T10:00:00.000Z',
      expiresAt: null,
      lastUsedAt: '2026-01-02T10:00:00.000Z',
      kind: 'bearer',
      scopes: [],
      allowedIps: [],
    },
  ],
  credential: 'none',
  delivery: null,
  createdAt: '2026-01-01T10:00:00.000Z',
  updatedAt: '2026-01-01T10:00:00.000Z',
  ...overrides,
});

export const outbound = (overrides: Partial<ConnectionInfo> = {}): ConnectionInfo =>
  inbound({
    id: 2,
    key: 'wiki',
    name: 'Wiki',
    direction: 'outbound',
    preset: 'generic',
    baseUrl: 'https://wiki.example.com/scim/v2',
    tokenUrl: null,
    tokens: [],
    credential: 'stored',
    delivery: { pending: 2, failed: 1, oldestPendingAt: '2026-01-02T10:00:00.000Z' },
    ...overrides,
  });

export const operation = (overrides: Partial<OperationSummary> = {}): OperationSummary => ({
  id: 101,
  at: '2026-01-02T10:00:00.000Z',
  connectionId: 1,
  connectionName: 'Okta production',
  direction: 'inbound',
  population: 'end-users',
  trigger: 'inbound-request',
  operation: 'create',
  outcome: 'success',
  objectType: 'User',
  objectId: '7d1c',
  objectName: 'ada@example.com',
  errorCode: null,
  message: 'The person was created.',
  count: 1,
  ...overrides,
});

export const detail = (overrides: Partial<OperationDetail> = {}): OperationDetail => ({
  ...operation(),
  runId: null,
  correlationId: 'c-1',
  actor: 'First token',
  remoteId: '00u1',
  durationMs: 12,
  attempts: 1,
  steps: [
    { name: 'read', outcome: 'ok', message: 'The request was read.', durationMs: 1 },
    { name: 'join', outcome: 'ok', message: 'Nobody has this user name yet.', durationMs: 2 },
    { name: 'apply', outcome: 'ok', message: 'The person was written.', durationMs: 8 },
  ],
  changes: [{ path: 'name.givenName', before: null, after: 'Ada' }],
  http: {
    method: 'POST',
    path: '/Users',
    status: 201,
    requestBody: { userName: 'ada@example.com' },
    responseBody: { id: '7d1c' },
  },
  advice: null,
  ...overrides,
});

export const page = (results: OperationSummary[], overrides: Partial<OperationPage> = {}): OperationPage => ({
  results,
  nextCursor: null,
  previousCursor: null,
  ...overrides,
});
