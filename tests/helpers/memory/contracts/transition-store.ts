import type { TransitionItemDraft } from '../../../../server/src/domain/transition/transition';
import type { Outbox } from '../../../../server/src/ports/outbox';
import type { NewTransition, TransitionStore } from '../../../../server/src/ports/transition-store';
import type { UnitOfWork } from '../../../../server/src/ports/unit-of-work';
import type { MemoryClock } from '../clock';

export interface TransitionHarness {
  transitions: TransitionStore;
  outbox: Outbox;
  unitOfWork: UnitOfWork;
  clock: MemoryClock;
  connectionIds: [number, number];
}

/** What both stores of transitions have to do. */
export function describeTransitionStore(name: string, make: () => Promise<TransitionHarness>): void {
  describe(`transitions: ${name}`, () => {
    let here: TransitionHarness;
    beforeEach(async () => {
      here = await make();
    });

    const choice = { comment: 'Bye', account: 'block' as const, action: null, from: null, to: null, group: null, role: null };
    const input: NewTransition = { kind: 'offboarding', population: 'end-users', correlationId: 'c-1', actor: 'boss', choice, selection: ['ada', 'bob'], undoOf: null };
    const draft = (connectionId: number, localId: string, fields: Partial<TransitionItemDraft> = {}): TransitionItemDraft => ({
      step: 'out', connectionId, system: 'Slack', localId, objectName: localId, action: 'disable', change: 'deactivate', remoteId: 'r1', message: 'Is deactivated.', errorCode: null, warnings: ['Mind.'], unassign: false, ...fields,
    });
    const planned = async (items: TransitionItemDraft[], fields: Partial<NewTransition> = {}) => {
      const transition = await here.transitions.create({ ...input, ...fields });
      expect(await here.transitions.addPage(transition, items, 7)).toBe(true);
      return { ...transition, position: 7 };
    };
    const stored = (id: number) => here.transitions.items(id, { limit: 100 });
    const opened = async (id: number) => {
      for (const item of await stored(id)) expect(await here.transitions.change(item, { state: 'open' })).toBe(true);
      return stored(id);
    };

    it('keeps what was asked for and how far it came', async () => {
      const made = await here.transitions.create(input);
      expect(await here.transitions.get(made.id)).toEqual(made);
      expect(made).toMatchObject({ ...input, state: 'planning', position: 0, approvedBy: null, approvedAt: null, finishedAt: null });
      expect(await here.transitions.addPage(made, [], 7)).toBe(true);
      // Somebody else planned that page.
      expect(await here.transitions.addPage(made, [draft(here.connectionIds[0], 'ada')], 9)).toBe(false);
      expect(await stored(made.id)).toEqual([]);
      expect(await here.transitions.move({ ...made, state: 'planned' }, 'running')).toBe(false);
      expect(await here.transitions.move(made, 'running', 'chief')).toBe(true);
      expect((await here.transitions.inState(['running'])).map(({ id, approvedBy }) => [id, approvedBy])).toEqual([[made.id, 'chief']]);
      expect(await here.transitions.create({ ...input, approvedBy: 'boss' })).toMatchObject({ approvedBy: 'boss' });
    });

    it('a page that is planned again makes no second item', async () => {
      const [one] = here.connectionIds;
      const transition = await planned([draft(one, 'ada')]);
      expect(await here.transitions.addPage(transition, [draft(one, 'ada', { message: 'Again.' }), draft(one, 'bob')], 7)).toBe(true);
      expect((await stored(transition.id)).map(({ localId, message, state, warnings }) => [localId, message, state, warnings])).toEqual([
        ['ada', 'Is deactivated.', 'planned', ['Mind.']],
        ['bob', 'Is deactivated.', 'planned', ['Mind.']],
      ]);
      expect((await here.transitions.itemCounts([transition.id])).get(transition.id)).toMatchObject({ planned: 2, open: 0 });
    });

    it('holds from when it is open, stays after it is done, and ends when it is lifted', async () => {
      const [one, two] = here.connectionIds;
      const { id } = await planned([draft(one, 'ada')]);
      expect((await here.transitions.words(one, ['ada'])).size).toBe(0);
      const [item] = await opened(id);
      expect((await here.transitions.words(one, ['ada', 'bob'])).get('ada')).toEqual({ itemId: item?.id, transitionId: id, kind: 'offboarding', step: 'out', action: 'disable', isOpen: true, actor: 'boss', correlationId: 'c-1' });
      expect((await here.transitions.words(two, ['ada'])).size).toBe(0);
      expect(await here.transitions.done(item?.id ?? 0, { remoteId: 'r2', message: 'Deactivated.' })).toBe(true);
      expect(await here.transitions.done(item?.id ?? 0, { remoteId: 'r3', message: 'Again.' })).toBe(false);
      expect(await stored(id)).toMatchObject([{ state: 'done', remoteId: 'r2', message: 'Deactivated.', doneAt: here.clock.now() }]);
      expect((await here.transitions.words(one, ['ada'])).get('ada')?.isOpen).toBe(false);
      expect([await here.transitions.anyWord(one), await here.transitions.anyWord(two)]).toEqual([true, false]);
      expect(await here.transitions.lift(one, ['ada', 'bob'])).toEqual(['ada']);
      expect((await here.transitions.words(one, ['ada'])).size).toBe(0);
      expect(await here.transitions.anyWord(one)).toBe(false);
    });

    it('the newest word of a person in a connection is the only one', async () => {
      const [one] = here.connectionIds;
      const older = await planned([draft(one, 'ada')]);
      await opened(older.id);
      const { id } = await planned([draft(one, 'ada', { step: 'in', action: null })], { kind: 'move' });
      await opened(id);
      expect((await here.transitions.words(one, ['ada'])).get('ada')).toMatchObject({ transitionId: id, step: 'in', action: null, isOpen: true });
      // What the older one had still to do is not done any more, nor forgotten.
      expect(await stored(older.id)).toMatchObject([{ state: 'cancelled', message: 'Somebody decided otherwise since.' }]);
      // Who arrived is a person like any other.
      const [item] = await stored(id);
      await here.transitions.done(item?.id ?? 0, { remoteId: null, message: 'Created.' });
      expect((await here.transitions.words(one, ['ada'])).size).toBe(0);
    });

    it('the other half of a move opens once, and only for that person', async () => {
      const [one, two] = here.connectionIds;
      const { id } = await planned([draft(two, 'ada', { step: 'in' }), draft(one, 'ada', { unassign: true }), draft(one, 'bob')], { kind: 'move' });
      const [, out] = await stored(id);
      await here.transitions.change(out ?? { id: 0, state: 'planned' }, { state: 'waiting' });
      expect(await here.transitions.openOut(id, 'ada')).toMatchObject({ connectionId: one, unassign: true });
      expect(await here.transitions.openOut(id, 'ada')).toBeNull();
      expect([...(await here.transitions.words(one, ['ada', 'bob'])).keys()]).toEqual(['ada']);
      // The assignment ended: the scope says the rest.
      await here.transitions.done(out?.id ?? 0, { remoteId: null, message: '' });
      expect((await here.transitions.words(one, ['ada'])).size).toBe(0);
    });

    it('what could not be done is told, and does not hold for somebody who never arrived', async () => {
      const [one, two] = here.connectionIds;
      const { id } = await planned([draft(two, 'ada', { step: 'in' }), draft(one, 'ada')], { kind: 'move' });
      const [into, out] = await opened(id);
      await here.transitions.note(into?.id ?? 0, 'failed', 'Out of scope.');
      await here.transitions.note(out?.id ?? 0, 'open', 'Deletions are switched off.');
      expect((await stored(id)).map(({ state, message }) => [state, message])).toEqual([['failed', 'Out of scope.'], ['open', 'Deletions are switched off.']]);
      expect([(await here.transitions.words(two, ['ada'])).size, (await here.transitions.words(one, ['ada'])).size]).toEqual([0, 1]);
    });

    it('tells what the outbox says of it, and finds what nobody works on', async () => {
      const [one] = here.connectionIds;
      const { id } = await planned([draft(one, 'ada'), draft(one, 'bob'), draft(0, 'ada', { step: 'account', action: 'block' })]);
      const [ada] = await opened(id);
      await here.outbox.mark([one], 'User', ['ada'], null, { asked: true });
      const [marker] = await here.outbox.claim('worker', 1, 1_000, []);
      if (marker === undefined) throw new Error('No marker.');
      await here.outbox.retry(marker, 'worker', here.clock.now() + 5_000, { code: 'target-unavailable', message: 'No answer.' });
      expect((await here.transitions.items(id, { states: ['open'], localId: 'ada', step: 'out', limit: 10 }))[0]).toMatchObject({ id: ada?.id, state: 'open', errorCode: 'target-unavailable', message: 'No answer.', attempts: 1 });
      expect((await here.transitions.forgotten(id, 0, 10)).map(({ localId }) => localId)).toEqual(['bob']);
    });

    it('an outcome that is undone leaves the item as it was', async () => {
      const [one] = here.connectionIds;
      const { id } = await planned([draft(one, 'ada')]);
      const [item] = await opened(id);
      await expect(here.unitOfWork.run(async () => {
        await here.transitions.done(item?.id ?? 0, { remoteId: null, message: 'Done.' });
        throw new Error('Undone.');
      })).rejects.toThrow('Undone.');
      expect(await stored(id)).toMatchObject([{ state: 'open' }]);
    });
  });
}
