/** What a PATCH may cost: work is counted, not timed, and hostile requests end before they have cost much. */
import type { Resource } from '../../../server/src/domain/resource/resource';
import { ScimError } from '../../../server/src/scim/messages/error';
import { applyPatch } from '../../../server/src/scim/patch/apply';
import { parsePatchRequest } from '../../../server/src/scim/patch/request';
import { MAX_STEPS, WorkBudget } from '../../../server/src/scim/patch/work-budget';
import { USER_URN } from '../../../server/src/scim/schema/urns';
import { MemoryService, serverOver } from './fake-service';

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_item, index) => make(index));
const phones = (count: number, prefix = '+1 555 ') => times(count, (index) => ({ value: `${prefix}${index}`, type: 'work', display: `Desk ${index}` }));
const user = (rest: object): Resource => ({ schemas: [USER_URN], userName: 'x', ...rest });
const many = user({ phoneNumbers: phones(1_000) });
const clauses = (name: string): string => times(100, (index) => `${name} eq "x${index}"`).join(' or ');
const wide = (count: number, prefix: string) => Object.fromEntries(times(count, (index) => [`${prefix}${index}`, 'x']));

function cost(resource: Resource, operations: object[]): { steps: number; result: Resource } {
  let steps = 0;
  const work = new WorkBudget();
  const spend = work.spend.bind(work);
  jest.spyOn(work, 'spend').mockImplementation((more) => {
    steps += more;
    spend(more);
  });
  return { result: applyPatch(resource, parsePatchRequest({ Operations: operations }, { strict: false }, work), 'User', undefined, work), steps };
}

const tooMuch = expect.objectContaining({ status: 400, scimType: 'tooMany', code: 'too-large' }) as ScimError;

const HOSTILE: [string, Resource, object[]][] = [
  ['filters of a hundred clauses', many, times(1_000, () => ({ op: 'remove', path: `phoneNumbers[${clauses('value')}].display` }))],
  ['the same thousand values, over and over', many, times(50, () => ({ op: 'add', path: 'phoneNumbers', value: phones(1_000, 'other ') }))],
  ['values to remove that say no value', many, times(20, () => ({ op: 'remove', path: 'phoneNumbers', value: times(100, (index) => ({ type: 'work', display: `x${index}` })) }))],
  ['one value after the other', many, times(1_000, (index) => ({ op: 'add', path: 'phoneNumbers', value: [{ value: `y${index}` }] }))],
  ['a sub-attribute of all', many, times(1_000, (index) => ({ op: 'replace', path: 'phoneNumbers.display', value: `y${index}` }))],
  ['lists nobody declares', user({ tags: times(1_000, (index) => `t${index}`) }), times(1_000, (index) => ({ op: 'add', path: 'tags', value: [`u${index}`] }))],
  ['an object that grows', user({ name: { familyName: 'x' } }), times(60, (index) => ({ op: 'add', path: 'name', value: wide(1_000, `n${index}_`) }))],
  ['attributes in other letters', user(wide(1_000, 'a')), times(20, () => ({ op: 'replace', value: wide(1_000, 'A') }))],
  ['long filters alone', user({}), times(1_000, () => ({ op: 'remove', path: `phoneNumbers[${clauses('value')}]` }))],
  ['long filters as names', user({}), [{ op: 'add', value: Object.fromEntries(times(1_000, (index) => [`phoneNumbers[${clauses('value').replace('x0', `y${index}`)}]`, {}])) }]],
  ['schemas', user({}), times(150, (index) => ({ op: 'add', path: 'schemas', value: times(1_000, (at) => `urn:x:${index}:${at}`) }))],
  ['long text', user({ phoneNumbers: phones(1_000).map((phone) => ({ ...phone, display: 'x'.repeat(10_000) })) }), times(20, () => ({ op: 'remove', path: 'phoneNumbers[display co "y"]' }))],
  ['one element with many members', user({ phoneNumbers: [{ value: '1', ...wide(900, 's') }] }), times(300, (index) => ({ op: 'add', path: 'phoneNumbers', value: times(20, (at) => ({ value: '1', display: `${index} ${at}` })) }))],
];

it.each(HOSTILE)('is refused before it has cost much: %s', (_name, resource, operations) => {
  const before = JSON.stringify(resource);
  expect(() => cost(resource, operations)).toThrow(tooMuch);
  expect(JSON.stringify(resource)).toBe(before);
});

it('folds each text once, however often it is compared', () => {
  const folded = jest.spyOn(String.prototype, 'normalize');
  const filter = times(10, (index) => `display eq "x${index}"`).join(' or ');
  cost(user({ phoneNumbers: phones(100) }), times(20, () => ({ op: 'remove', path: `phoneNumbers[${filter}]` })));
  expect(folded.mock.calls.length).toBeLessThan(500);
  folded.mockRestore();
});

it.each<[string, Resource, object[]]>([
  ['a thousand operations with a filter each', user({ phoneNumbers: phones(100) }), times(1_000, (index) => ({ op: 'replace', path: `phoneNumbers[value eq "+1 555 ${index % 100}"].display`, value: `New ${index}` }))],
  ['a thousand additions to a list of a hundred', user({ phoneNumbers: phones(100) }), times(1_000, (index) => ({ op: 'add', path: 'phoneNumbers', value: [{ value: `+1 555 ${index % 100}`, type: 'work' }] }))],
  ['a thousand values at once', many, [{ op: 'replace', path: 'phoneNumbers', value: phones(1_000, 'other ') }]],
  ['a thousand values to remove', many, [{ op: 'remove', path: 'phoneNumbers', value: phones(1_000) }]],
  ['one filter of a hundred clauses', many, [{ op: 'remove', path: `phoneNumbers[${clauses('value')}]` }]],
  ['a thousand attributes that nobody declares', user({}), [{ op: 'replace', value: wide(1_000, 'a') }]],
])('takes what is meant well: %s', (_name, resource, operations) => {
  expect(cost(resource, operations).steps).toBeLessThan(MAX_STEPS);
});

it('holds for all operations of a bulk request together', async () => {
  const { send } = serverOver(new MemoryService());
  await send('POST', '/Users', { body: { userName: 'x', phoneNumbers: phones(1_000) } });
  const patch = { method: 'PATCH', path: '/Users/u1', data: { Operations: [{ op: 'remove', path: `phoneNumbers[${clauses('value')}]` }] } };
  const { body } = await send('POST', '/Bulk', { body: { Operations: times(5, () => patch) } });
  const statuses = (body as { Operations: { status: string; response?: { scimType: string } }[] }).Operations.map(({ status, response }) => response?.scimType ?? status);
  expect(statuses).toEqual(['200', 'tooMany', 'tooMany', 'tooMany', 'tooMany']);
  // The next request has a budget of its own.
  expect((await send('PATCH', '/Users/u1', { body: patch.data })).status).toBe(200);
});
