import fc from 'fast-check';
import type { Resource } from '../../../server/src/domain/resource/resource';
import { settleDerived } from '../../../server/src/engine/receive/derived';
import { attribute, type SchemaDefinition } from '../../../server/src/scim/schema/definition';
import { RESOURCE_TYPES, type ResourceTypeDefinition } from '../../../server/src/scim/schema/resource-types';

const URN = 'urn:ietf:params:scim:schemas:extension:strapi:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';

const extension: SchemaDefinition = {
  id: URN,
  name: 'StrapiUser',
  description: '',
  attributes: [attribute('colour', ''), attribute('badge', '', { mutability: 'readOnly' }), attribute('since', '', { type: 'dateTime' })],
};
const type: ResourceTypeDefinition = { ...RESOURCE_TYPES.User, extensions: [...RESOURCE_TYPES.User.extensions, extension] };
const user = (values?: object, more: object = {}): Resource => ({ schemas: [USER], userName: 'ada', ...(values ? { [URN]: values } : {}), ...more });
const settled = (...args: [Resource, (Resource | null)?, (Resource | null)?]): unknown => settleDerived(args[0], args[1] ?? null, type, args[2] ?? null)[URN];

describe('the Strapi extension of a wanted state', () => {
  it('is what may be written of what was sent', () => {
    expect(settled(user({ colour: 'red', badge: 'b', password: 'x', toString: 'y' }))).toEqual({ colour: 'red' });
    expect(settled(user())).toBeUndefined();
    expect(settleDerived(user({ badge: 'b' }), null, type).schemas).toEqual([USER]);
  });

  it('keeps what may not be written, and what this connection never wrote', () => {
    const current = user({ colour: 'grey', badge: 'b-1' });
    expect(settled(user({ badge: 'mine' }), current, user())).toEqual({ colour: 'grey', badge: 'b-1' });
    expect(settled(user(), current, user({ colour: 'grey' }))).toEqual({ badge: 'b-1' });
    expect(settled(user({ colour: 'red' }), current, user())).toEqual({ colour: 'red', badge: 'b-1' });
  });

  it('of a PATCH is what the PATCH left', () => {
    expect(settled(user({ badge: 'b-1' }), user({ colour: 'grey', badge: 'b-1' }))).toEqual({ badge: 'b-1' });
  });

  it('has one spelling for one moment', () => {
    expect(settled(user({ since: '2026-01-02T04:04:05+01:00' }))).toEqual({ since: '2026-01-02T03:04:05.000Z' });
  });

  it('is kept like any other where the population has no such schema', () => {
    const sent = user({ anything: 1 });
    expect(settleDerived(sent, null, RESOURCE_TYPES.User)).toBe(sent);
  });

  it('never moves a readOnly attribute, whatever is sent', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('colour', 'badge', 'since', 'other'), fc.jsonValue()), fc.boolean(), (sent, isPut) => {
        const values = settled(user(sent), user({ badge: 'b-1' }), isPut ? user() : null) as Record<string, unknown>;
        expect(values.badge).toBe('b-1');
        expect(Object.keys(values).every((name) => ['colour', 'badge', 'since'].includes(name))).toBe(true);
      })
    );
  });
});

it('a manager’s $ref that says nothing new is not kept, another one is', () => {
  const managed = (manager: object): Resource => user(undefined, { [ENTERPRISE]: { manager } });
  const settledManager = (manager: object): unknown => (settleDerived(managed(manager), null, type)[ENTERPRISE] as { manager: unknown }).manager;
  expect(settledManager({ value: 'id-1', $ref: 'https://cms.example/scim/v2/Users/id-1' })).toEqual({ value: 'id-1' });
  expect(settledManager({ value: 'id-1', $ref: 'https://hr.example/people/7' })).toEqual({ value: 'id-1', $ref: 'https://hr.example/people/7' });
});
