/**
 * A system that both sends its people to Strapi and is sent Strapi's changes: whoever changes what, and whatever fails
 * meanwhile, in the end both hold the same people in the same state, everybody once.
 */
import fc from 'fast-check';
import { ProvisioningError } from '../../../server/src/domain/errors';
import type { Resource } from '../../../server/src/domain/resource/resource';
import type { ScimRequestContext } from '../../../server/src/ports/scim-service';
import type { MemoryDirectory } from '../../helpers/memory/directory';
import { createWorld, type World } from '../../helpers/memory/world';

type Step =
  | { do: 'join' }
  | { do: 'system-title' | 'system-toggle' | 'system-delete' | 'strapi-rename' | 'strapi-mail' | 'strapi-toggle' | 'strapi-delete'; who: number }
  | { do: 'fail'; lost: boolean }
  | { do: 'drain'; ms: number };

const who = fc.nat(3);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('join' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('system-title' as const, 'system-toggle' as const), who }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('strapi-rename' as const, 'strapi-mail' as const, 'strapi-toggle' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('system-delete' as const, 'strapi-delete' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fail' as const), lost: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('drain' as const), ms: fc.nat(90_000) }) }
);

/** The system's side: its own people, and which id each has in Strapi. */
class System {
  readonly people: { ref: string; id: string }[] = [];
  private names = 0;

  constructor(
    private readonly world: World,
    private readonly ctx: ScimRequestContext,
    private readonly own: MemoryDirectory
  ) {}

  fresh(): string {
    this.names += 1;
    return `name-${this.names}`;
  }

  async join(): Promise<void> {
    const userName = this.fresh();
    const ref = this.own.put({ userName, active: true, emails: [{ value: `${userName}@x.example`, primary: true }] });
    const { id } = await this.world.service.create(this.ctx, 'User', this.as(ref));
    this.people.push({ ref, id: String(id) });
  }

  /** Changes its own copy, then sends the whole of it, as providers do. */
  async change(person: { ref: string; id: string }, path: string, value: (present: Resource) => unknown): Promise<void> {
    const present = this.own.users.find((user) => user.id === person.ref);
    if (present === undefined) return;
    this.own.overwrite(person.ref, { [path]: value(present) });
    if ((await this.world.endUsers.readUser(person.id)) !== null) await this.world.service.replace(this.ctx, 'User', person.id, this.as(person.ref));
  }

  async remove(person: { ref: string; id: string }): Promise<void> {
    this.own.drop(person.ref);
    if ((await this.world.endUsers.readUser(person.id)) !== null) await this.world.service.remove(this.ctx, 'User', person.id);
  }

  private as(ref: string): Resource {
    const { id: _id, externalId: _externalId, ...attributes } = this.own.users.find((user) => user.id === ref) ?? { schemas: [] };
    return { ...attributes, schemas: [], externalId: ref };
  }
}

async function play(world: World, system: System, own: MemoryDirectory, event: Step): Promise<void> {
  if (event.do === 'join') return system.join();
  if (event.do === 'fail') {
    const error = new ProvisioningError('target-unavailable', 'On purpose.');
    return own.failOnce(event.lost ? { lost: error } : error, (request) => request.method !== 'find');
  }
  if (event.do === 'drain') return void world.clock.advance(event.ms);
  const person = system.people[event.who % Math.max(1, system.people.length)];
  const user = person && (await world.endUsers.readUser(person.id));
  if (!person || !user) return;
  switch (event.do) {
    case 'system-title':
      return system.change(person, 'title', () => system.fresh());
    case 'system-toggle':
      return system.change(person, 'active', (present) => present.active === false);
    case 'system-delete':
      return system.remove(person);
    case 'strapi-rename':
      return world.endUsers.editByHand(person.id, { userName: system.fresh() });
    case 'strapi-mail':
      return world.endUsers.editByHand(person.id, { email: `${system.fresh()}@x.example` });
    case 'strapi-toggle':
      return world.endUsers.editByHand(person.id, { active: user.resource.active === false });
    case 'strapi-delete':
      return world.endUsers.removeUser(user);
  }
}

it('ends with the same people in the same state on both sides', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
      const world = createWorld();
      const { ctx } = world.addProvider({ system: 'hr' });
      const { target: own } = world.addTarget({ system: 'hr' });
      const system = new System(world, ctx, own);
      const delivery = world.delivery({ parallel: 2 });
      for (const event of steps) {
        await play(world, system, own, event);
        if (event.do === 'drain') await delivery.drain(() => false);
      }
      await world.settle();

      const state = (resource: Resource) => ({
        userName: resource.userName,
        active: resource.active,
        email: (resource.emails as { value: string }[] | undefined)?.[0]?.value,
      });
      const byName = (a: { userName: unknown }, b: { userName: unknown }): number => String(a.userName).localeCompare(String(b.userName));
      const here = (await world.endUsers.pageUsers(0, 100)).map((user) => state(user.resource)).sort(byName);
      const there = own.users.map(state).sort(byName);
      expect(there).toEqual(here);
    }),
    { numRuns: 100 }
  );
});
