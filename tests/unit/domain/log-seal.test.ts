/** Seals of the log: what they find, and that erasing a person keeps them whole. */
import fc from 'fast-check';
import { checkSeal, digestOf, PERSONAL_COLUMNS, PUBLIC_COLUMNS, remainderOf, sealRows, type PersonalColumn, type Seal, type SealableRow } from '../../../server/src/domain/log/seal';

const KEY = { id: 'k1', secret: 'a secret of the site' };
const keyOf = (id: string) => (id === KEY.id ? KEY : null);

const row = (id: number, fields: Partial<SealableRow> = {}): SealableRow => ({
  id, at: 1_700_000_000_000 + id, connection_id: 1, connection_name: 'Okta', direction: 'inbound', population: 'end-users',
  trigger_kind: 'inbound-request', operation: 'create', outcome: 'success', object_type: 'User', error_code: null,
  correlation_id: `c-${id}`, run_id: null, duration_ms: 12, attempts: 1, count: 1,
  object_id: `id-${id}`, object_name: `Ada ${id}`, object_name_norm: `ada ${id}`, remote_id: null, message: 'Created.', actor: 'token', detail: '{"steps":[]}',
  salt: `${id}`.padStart(32, '0'), remainder: null, ...fields,
});

const chain = (): { seals: Seal[]; rows: SealableRow[][] } => {
  const rows = [[row(1), row(2), row(3)], [row(4)], [row(5), row(6)]];
  const seals: Seal[] = [];
  for (const batch of rows) seals.push(sealRows(seals.at(-1) ?? null, batch, 1_700_000_001_000, KEY));
  return { seals, rows };
};
const faultsOf = ({ seals, rows }: { seals: Seal[]; rows: SealableRow[][] }) =>
  seals.flatMap((seal, index) => checkSeal(seal, rows[index] ?? [], seals[index - 1] ?? null, keyOf));

const personal = fc.constantFrom<PersonalColumn>(...PERSONAL_COLUMNS);

it('what nobody touched has no fault', () => {
  expect(faultsOf(chain())).toEqual([]);
});

it.each([...PUBLIC_COLUMNS.filter((column) => column !== 'id'), ...PERSONAL_COLUMNS, 'salt'] as const)('finds a changed %s, and says which record', (column) => {
  const { seals, rows } = chain();
  const changed = rows.map((batch) => batch.map((one) => (one.id === 4 ? { ...one, [column]: `${one[column]}x` } : one)));
  expect(faultsOf({ seals, rows: changed })).toEqual([{ seq: 2, rowId: 4, message: 'Record 4 was changed after it was sealed.' }]);
});

it('tells null from the text and a number from its neighbour', () => {
  expect(digestOf(row(1, { remote_id: null }))).not.toBe(digestOf(row(1, { remote_id: 'null' })));
  expect(digestOf(row(1, { remote_id: '' }))).not.toBe(digestOf(row(1, { remote_id: null })));
  expect(digestOf(row(1, { attempts: 11, count: 1 }))).not.toBe(digestOf(row(1, { attempts: 1, count: 11 })));
});

it('a bigint that a database answers as text is the same', () => {
  expect(digestOf(row(1, { at: '1700000000001' }))).toBe(digestOf(row(1)));
});

it('finds a record that was removed, and one that was slipped in', () => {
  const { seals, rows: [first = [], ...others] } = chain();
  expect(faultsOf({ seals, rows: [first.slice(1), ...others] })).toEqual([{ seq: 1, rowId: 1, message: 'Record 1 was removed.' }]);
  expect(faultsOf({ seals, rows: [[...first, row(9)], ...others] })).toEqual([{ seq: 1, rowId: 9, message: 'Record 9 was added to a batch that was sealed without it.' }]);
});

it('finds a seal that is missing, was put in another place, or made anew without the key', () => {
  const { seals, rows } = chain();
  const [first, second, third] = seals as [Seal, Seal, Seal];
  expect(faultsOf({ seals: [first, third], rows: [rows[0] ?? [], rows[2] ?? []] })[0]?.message).toBe('Seal 2 is missing: seal 3 comes next.');
  // Somebody changes a record and seals it again, with a key of their own.
  const forged = sealRows(first, [row(4, { outcome: 'failed' })], 1_700_000_001_000, { id: KEY.id, secret: 'guessed' });
  const found = faultsOf({ seals: [first, forged, third], rows: [rows[0] ?? [], [row(4, { outcome: 'failed' })], rows[2] ?? []] });
  expect(found.map(({ seq, message }) => [seq, message])).toEqual([
    [2, 'The signature of the seal is wrong: it was not made by this site.'],
    [3, 'The seal does not follow the one before it: one of the two was changed.'],
  ]);
  expect(faultsOf({ seals: [first, { ...second, sealedAt: second.sealedAt + 1 }], rows: rows.slice(0, 2) })[0]?.message).toContain('The hash of the seal');
});

it('a signature of another key is not judged', () => {
  const seal = sealRows(null, [row(1)], 1, { id: 'old', secret: 'before the change of the salt' });
  expect(checkSeal(seal, [row(1)], null, keyOf)).toEqual([]);
});

it('erasing any columns, once or twice, before or after sealing, leaves the digest; what stays cannot be changed', () => {
  fc.assert(
    fc.property(fc.uniqueArray(personal), fc.uniqueArray(personal), fc.string(), (once, twice, text) => {
      const whole = row(1, { detail: text });
      const erase = (from: SealableRow, gone: PersonalColumn[]): SealableRow => ({
        ...from,
        remainder: remainderOf(from, gone),
        salt: null,
        ...Object.fromEntries(gone.map((column) => [column, '[erased]'])),
      });
      const first = erase(whole, once);
      const second = erase(first, twice);
      expect([digestOf(first), digestOf(second)]).toEqual([digestOf(whole), digestOf(whole)]);
      const gone = new Set([...once, ...twice]);
      for (const column of PERSONAL_COLUMNS.filter((one) => !gone.has(one))) {
        expect(digestOf({ ...second, [column]: `${second[column]}x` })).not.toBe(digestOf(whole));
      }
      expect(digestOf({ ...second, outcome: 'failed' })).not.toBe(digestOf(whole));
    })
  );
});

it('an erased row holds neither its value nor the salt that would find it', () => {
  const whole = row(1);
  const remainder = remainderOf(whole, ['object_name']);
  expect(JSON.stringify(remainder)).not.toContain('Ada');
  expect(JSON.stringify(remainder)).not.toContain(String(whole.salt));
  expect(remainder.object_name).toEqual({ hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
});
