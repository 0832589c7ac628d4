import { parsePatchRequest } from '../../../server/src/scim/patch/request';
import { checkBody } from '../../../server/src/scim/server/input-limits';

/** A list of 100,000 that counts how often one of its values is looked at. */
function watched(): { list: unknown[]; looks: () => number } {
  let seen = 0;
  const values = Array.from({ length: 100_000 }, (_, index) => ({ value: `h${index}@example.com` }));
  const list = new Proxy(values, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) seen += 1;
      return Reflect.get(target, key) as unknown;
    },
  });
  return { list, looks: () => seen };
}

const patch = (operation: object): object => ({ Operations: [{ op: 'add', ...operation }] });

describe('a list that is longer than any person’s data', () => {
  it.each([
    ['by path', (list: unknown[]) => patch({ path: 'emails', value: list })],
    ['by the path of a URN', (list: unknown[]) => patch({ path: 'urn:ietf:params:scim:schemas:core:2.0:User:emails', value: list })],
    ['by a filter', (list: unknown[]) => patch({ path: 'emails[type eq "work"]', value: list })],
    ['without a path', (list: unknown[]) => patch({ value: { emails: list } })],
  ])('in a PATCH %s is refused before its values are looked at', (_how, body) => {
    const { list, looks } = watched();
    expect(() => parsePatchRequest(body(list))).toThrow(/more than 1000 values/);
    expect(looks()).toBe(0);
  });

  it('in a resource, and in the data of a bulk operation, is refused before its values are looked at', () => {
    for (const body of [(list: unknown[]) => ({ emails: list }), (list: unknown[]) => ({ Operations: [{ method: 'POST', data: { emails: list } }] })]) {
      const { list, looks } = watched();
      expect(() => checkBody(body(list))).toThrow(/emails: more than 1000 values/);
      expect(looks()).toBe(0);
    }
  });

  it.each([
    ['by path', (list: unknown[]) => patch({ path: 'members', value: list })],
    ['without a path', (list: unknown[]) => patch({ value: { 'urn:ietf:params:scim:schemas:core:2.0:Group:members': list } })],
  ])('may be the members of a group: %s', (_how, body) => {
    const { list } = watched();
    expect(parsePatchRequest(body(list))).toHaveLength(1);
    expect(() => checkBody(body(list))).not.toThrow();
  });
});
