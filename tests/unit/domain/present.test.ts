import fc from 'fast-check';
import { normaliseName } from '../../../server/src/domain/identity/normalise';
import { accountEmail, emailsOf, isPlaceholderEmail, mainEmail, overlayEmail } from '../../../server/src/domain/resource/emails';
import { keepOf, presentUser } from '../../../server/src/domain/resource/present';
import type { Resource } from '../../../server/src/domain/resource/resource';
import { ENTERPRISE, resource, text } from './arbitraries';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const made = (attributes: Record<string, unknown>): Resource => ({ schemas: [USER], ...attributes });
const withEmails = (...emails: unknown[]): Resource => made({ emails });

describe('e-mail addresses', () => {
  it('passes over what is no address', () => {
    expect(emailsOf(made({ emails: 'a@b.example' }))).toEqual([]);
    expect(emailsOf(withEmails(null, 'a', {}, { value: 1 }, { value: '' }, { value: 'a' }))).toEqual([{ value: 'a' }]);
  });

  it.each([
    ['the primary one', [{ value: 'a', type: 'work' }, { value: 'b', primary: true }], 'b'],
    ['else the one for work', [{ value: 'a', type: 'home' }, { value: 'b', type: 'WORK' }], 'b'],
    ['else the first', [{ value: 'a' }, { value: 'b' }], 'a'],
    ['none', [], null],
  ])('takes %s for the main one', (_case, emails, main) => {
    expect(mainEmail(withEmails(...emails))).toBe(main);
  });

  it('uses the userName as address where it is one, else a placeholder nothing is sent to', () => {
    expect(accountEmail(withEmails({ value: 'Ada@Example.COM' }), 'x', 'u')).toBe('ada@example.com');
    expect(accountEmail(made({}), 'Ada@Example.com', 'u')).toBe('ada@example.com');
    for (const userName of ['ada', 'ada@host', 'a b@example.com', '@example.com', 'ada@@example.com']) {
      const email = accountEmail(made({}), userName, 'unique-1');
      expect(email).toBe('unique-1@users.invalid');
      expect(isPlaceholderEmail(email)).toBe(true);
    }
    expect(isPlaceholderEmail('ada@invalid.example')).toBe(false);
  });

  it('corrects the main address of the provider’s list and keeps the others', () => {
    const kept = [{ value: 'a', type: 'home' }, { value: 'b', type: 'work', primary: true }];
    expect(overlayEmail(kept, 'c')).toEqual([kept[0], { value: 'c', type: 'work', primary: true }]);
    expect(overlayEmail(kept, 'B')).toBe(kept);
    expect(overlayEmail(kept, null)).toBe(kept);
    expect(overlayEmail([], 'c')).toEqual([{ value: 'c', type: 'work', primary: true }]);
  });

  it('shows an account’s address always', () => {
    fc.assert(
      fc.property(resource, text, (kept, address) => {
        const shown = overlayEmail(emailsOf(kept), address);
        expect(shown.some((item) => normaliseName(item.value) === normaliseName(address))).toBe(true);
        expect(shown).toHaveLength(Math.max(1, emailsOf(kept).length));
      })
    );
  });
});

describe('presentUser', () => {
  const account = made({ userName: 'ada', active: true, emails: [{ value: 'a@b.example', type: 'work', primary: true }] });

  it('shows what Strapi holds where there is no link', () => {
    expect(presentUser(account, null, null)).toEqual(account);
    expect(presentUser(made({ userName: 'ada' }), null, null)).not.toHaveProperty('emails');
  });

  it('gives back what the provider wrote and Strapi has no field for', () => {
    const kept = { schemas: [USER, ENTERPRISE], userName: 'old', active: false, title: 'Boss', [ENTERPRISE]: { department: 'R' } };
    expect(presentUser(account, kept, 'e-1')).toEqual({
      ...account,
      schemas: [USER, ENTERPRISE],
      title: 'Boss',
      [ENTERPRISE]: { department: 'R' },
      externalId: 'e-1',
    });
  });

  it('takes the externalId of the link only', () => {
    const kept = made({ externalId: 'kept' });
    expect(presentUser(account, kept, null)).not.toHaveProperty('externalId');
    expect(presentUser(account, kept, 'link').externalId).toBe('link');
  });

  it('merges the name by its parts', () => {
    const kept = made({ name: { givenName: 'Old', middleName: 'M' } });
    expect(presentUser({ ...account, name: { givenName: 'Ada' } }, kept, null).name).toEqual({ givenName: 'Ada', middleName: 'M' });
    expect(presentUser(account, kept, null).name).toEqual({ givenName: 'Old', middleName: 'M' });
  });

  it('is stable: what was shown and kept is shown again', () => {
    fc.assert(
      fc.property(resource, (kept) => {
        const shown = presentUser(account, kept, 'e-1');
        expect(presentUser(account, keepOf(shown), 'e-1')).toEqual(shown);
      })
    );
  });
});

describe('keepOf', () => {
  it('keeps everything but what is derived or secret, and leaves its input alone', () => {
    const sent = made({ id: '1', meta: {}, groups: [], password: 'secret', title: 'Boss' });
    expect(keepOf(sent)).toEqual({ schemas: [USER], title: 'Boss' });
    expect(sent.password).toBe('secret');
  });
});
