/** The memory stores keep the contract that the SQL stores keep; otherwise the engine's tests would prove nothing. */
import { describeDepartureStore } from '../../helpers/memory/contracts/departure-store';
import { describeAssignmentStore, describeStandingStore } from '../../helpers/memory/contracts/scope-stores';
import { describeGuardWindow, describeHoldStore } from '../../helpers/memory/contracts/guard-stores';
import { describeGrantStore } from '../../helpers/memory/contracts/grant-store';
import { describeGroupStore } from '../../helpers/memory/contracts/group-store';
import { describeLinkStore } from '../../helpers/memory/contracts/link-store';
import { describePullStore } from '../../helpers/memory/contracts/pull-store';
import { describeReadMarks } from '../../helpers/memory/contracts/read-marks';
import { describeTransitionStore } from '../../helpers/memory/contracts/transition-store';
import { describeRunStore } from '../../helpers/memory/contracts/run-store';
import { describePushedMembers } from '../../helpers/memory/contracts/pushed-members';
import { describeOutbox } from '../../helpers/memory/contracts/outbox';
import { describeTargetHealth } from '../../helpers/memory/contracts/target-health';
import { MemoryPullStore } from '../../helpers/memory/pull-store';
import { MemoryReadMarks } from '../../helpers/memory/read-marks';
import { createWorld } from '../../helpers/memory/world';

function harness() {
  const world = createWorld();
  const connectionIds: [number, number] = [world.addProvider().connection.id, world.addProvider().connection.id];
  return { ...world, unitOfWork: world.database, connectionIds };
}

describeLinkStore('memory', async () => {
  const { links, ...rest } = harness();
  return { store: links, ...rest };
});

describePullStore('memory', async () => {
  const world = harness();
  return { ...world, store: new MemoryPullStore(world.links, world.groups) };
});

describeAssignmentStore('memory', async () => {
  const { assignments, ...rest } = harness();
  return { store: assignments, ...rest };
});

describeStandingStore('memory', async () => {
  const { standings, ...rest } = harness();
  return { store: standings, ...rest };
});

describePushedMembers('memory', async () => {
  const { pushedMembers, ...rest } = harness();
  return { store: pushedMembers, ...rest };
});

describeDepartureStore('memory', async () => {
  const { departures, ...rest } = harness();
  return { store: departures, ...rest };
});

describeGrantStore('memory', async () => {
  const { grants, ...rest } = harness();
  return { store: grants, ...rest };
});

describeOutbox('memory', async () => harness());

describeRunStore('memory', async () => {
  const { deliveryDeps, ...rest } = harness();
  return { ...rest, planMembers: deliveryDeps.planMembers };
});

describeReadMarks('memory', async () => {
  const { links, connectionIds } = harness();
  return { links, connectionIds, marks: new MemoryReadMarks(links) };
});

describeTransitionStore('memory', async () => harness());

describeTargetHealth('memory', async () => {
  const { health, connectionIds } = harness();
  return { stores: [health, health], connectionIds, letTimePass: () => undefined };
});

describeGroupStore('memory', async () => {
  const { groups, endUsers, adminUsers, ...rest } = harness();
  return {
    store: groups,
    ...rest,
    addUser: (userName) => endUsers.addByHand({ userName }),
    addForeignUser: (userName) => adminUsers.addByHand({ userName }),
  };
});

describe('memory unit of work', () => {
  it('rolls back every store at once', async () => {
    const { database, links, endUsers, grants, connectionIds } = harness();
    const undone = database.run(async () => {
      const localId = await endUsers.addByHand({ userName: 'ada' });
      await grants.add([{ identityId: localId, roleId: 1, connectionId: connectionIds[0], groupId: 1, priority: 1, mode: 'authoritative' }]);
      await links.save({ connectionId: connectionIds[0], objectType: 'User', localId, remoteId: null, externalId: null, kept: null, snapshot: null, hash: null, state: 'linked' });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await endUsers.countUsers()).toBe(0);
    expect(database).toMatchObject({ commits: 0, rollbacks: 1 });
  });

  it('joins nested work, and undoes the whole when a part failed', async () => {
    const { database, endUsers } = harness();
    const swallowed = database.run(async () => {
      await endUsers.addByHand({ userName: 'ada' });
      await database.run(() => Promise.reject(new Error('inner'))).catch(() => undefined);
    });
    await expect(swallowed).rejects.toThrow();
    expect(await endUsers.countUsers()).toBe(0);
  });

  it('lets nobody see or undo the work of another transaction', async () => {
    const { database, endUsers } = harness();
    const failing = database.run(async () => {
      await endUsers.addByHand({ userName: 'ada' });
      await Promise.resolve();
      throw new Error('undone');
    });
    const beside = endUsers.addByHand({ userName: 'bob' });
    await expect(failing).rejects.toThrow('undone');
    await beside;
    expect((await endUsers.pageUsers(0, 10)).map((user) => user.resource.userName)).toEqual(['bob']);
  });

  it('calls back after the commit, and not at all after a rollback', async () => {
    const { database } = harness();
    const seen: string[] = [];
    await database.run(async () => {
      await database.run(() => database.afterCommit(() => seen.push('committed')));
      expect(seen).toEqual([]);
    });
    await database.run(async () => {
      await database.afterCommit(() => seen.push('never'));
      throw new Error('undone');
    }).catch(() => undefined);
    await database.afterCommit(() => seen.push('at once'));
    expect(seen).toEqual(['committed', 'at once']);
  });
});

describeGuardWindow('memory', async () => {
  const { guardWindow, ...rest } = harness();
  return { store: guardWindow, ...rest };
});

describeHoldStore('memory', async () => {
  const { holds, ...rest } = harness();
  return { store: holds, ...rest };
});
