import { EVENT_NAMES } from '../../../server/src/contracts/events';
import { StrapiAlerts } from '../../../server/src/strapi/alerts';
import { MemoryClock } from '../../helpers/memory/clock';
import { MemoryEvents } from '../../helpers/memory/events';
import { createWorld } from '../../helpers/memory/world';

function setUp() {
  const { database, connections } = createWorld();
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const events = new MemoryEvents(database);
  const clock = new MemoryClock();
  const alerts = new StrapiAlerts({ warn: write, info: write } as never, events, clock);
  return { database, events, clock, alerts, lines, connection: connections.put({ name: 'Wiki', direction: 'outbound' }) };
}

const health = { connectionId: 1, failures: 8, failingSince: 1_000, blockedUntil: 2_000, quarantinedSince: 5_000, code: 'target-unavailable', reason: 'The application failed (status 500): no such user ada.' } as const;

it('tells of a quarantine in words in Strapi’s log, and without them as an event', async () => {
  const { alerts, events, lines, connection, clock } = setUp();
  await alerts.quarantineEntered(connection, health);
  await alerts.quarantineLeft(connection, health);
  expect(lines).toEqual([expect.stringContaining('no such user ada'), expect.stringContaining('Wiki')]);
  const payload = {
    connectionId: connection.id, connection: { id: connection.id, key: connection.key }, since: '1970-01-01T00:00:05.000Z', errorCode: 'target-unavailable', at: new Date(clock.now()).toISOString(),
  };
  expect(events.heard).toEqual([['user-provisioning.quarantine.entered', payload], ['user-provisioning.quarantine.left', payload]]);
  expect(EVENT_NAMES).toEqual(expect.arrayContaining(events.heard.map(([name]) => name)));
});

it('a hold is told as one of a plan is, once it has committed, and never where it was undone', async () => {
  const { alerts, events, connection, database, clock } = setUp();
  const held = () => alerts.held(connection, { kind: 'delete', wanted: 3, allowed: 2, linked: 10, message: 'Too many.' });
  await database.run(async () => {
    await held();
    expect(events.heard).toEqual([]);
  });
  expect(events.heard).toEqual([['user-provisioning.guard.held', { connectionId: connection.id, runId: null, kind: 'delete', count: 3, limit: 2, at: new Date(clock.now()).toISOString() }]]);
  const undone = database.run(async () => {
    await held();
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(events.heard).toHaveLength(1);
});
