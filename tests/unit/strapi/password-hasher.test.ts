import { join } from 'node:path';
import type { Core } from '@strapi/types';
import { PasswordHasher } from '../../../server/src/strapi/accounts/password-hasher';

const USER = 'plugin::users-permissions.user';
const strapiWith = (password: object): Core.Strapi =>
  ({
    dirs: { app: { root: join(__dirname, '..', '..', 'app') } },
    getModel: () => ({ attributes: { password: { type: 'password', ...password } } }),
  }) as unknown as Core.Strapi;

const compare = async (password: string, hash: string | null): Promise<boolean> =>
  (require('bcryptjs') as { compare(password: string, hash: string): Promise<boolean> }).compare(password, hash ?? '');

describe('PasswordHasher', () => {
  let hasher: PasswordHasher;
  beforeEach(() => {
    hasher = new PasswordHasher(strapiWith({ minLength: 6 }));
  });
  afterEach(() => hasher.close());

  it('makes hashes that Strapi verifies, with the rounds of the content type', async () => {
    const hash = await hasher.hash(USER, 'Sesame-Open-1', null);
    expect(hash).toMatch(/^\$2[aby]\$10\$/);
    expect(await compare('Sesame-Open-1', hash)).toBe(true);
    expect(await compare('sesame-open-1', hash)).toBe(false);
    const few = new PasswordHasher(strapiWith({ encryption: { rounds: 4 } }));
    expect(await few.hash(USER, 'x', null)).toMatch(/^\$2[aby]\$04\$/);
    await few.close();
  });

  it('says that it is the one the account has', async () => {
    const hash = await hasher.hash(USER, 'Sesame-Open-1', null);
    expect(await hasher.hash(USER, 'Sesame-Open-1', hash)).toBeNull();
    expect(await hasher.hash(USER, 'Sesame-Open-2', hash)).toMatch(/^\$2/);
    // What another system put there is no hash of it.
    expect(await hasher.hash(USER, 'Sesame-Open-1', 'not a hash')).toMatch(/^\$2/);
  });

  it('keeps many apart', async () => {
    const passwords = ['first-one', 'second-one', 'third-one'];
    const hashes = await Promise.all(passwords.map((password) => hasher.hash(USER, password, null)));
    for (const [index, password] of passwords.entries()) expect(await compare(password, hashes[index] ?? null)).toBe(true);
  });

  it('leaves the event loop to others', async () => {
    await hasher.hash(USER, 'warm-up', null);
    let turns = 0;
    let working = true;
    const turn = (): void => {
      turns += 1;
      if (working) setImmediate(turn);
    };
    setImmediate(turn);
    await hasher.hash(USER, 'Sesame-Open-1', null);
    working = false;
    // On the event loop it would be one or two.
    expect(turns).toBeGreaterThan(20);
  });

  it('refuses what bcrypt would cut, counted in bytes, and what is too short', async () => {
    expect(() => hasher.hash(USER, 'x'.repeat(73), null)).toThrow('password: is longer than 72 bytes.');
    expect(() => hasher.hash(USER, 'ä'.repeat(37), null)).toThrow('72 bytes');
    expect(() => hasher.hash(USER, 'short', null)).toThrow('password: is shorter than 6 characters.');
    expect(await hasher.hash(USER, 'x'.repeat(72), null)).toMatch(/^\$2/);
  });

  it('does not leave anybody waiting when it is closed, and starts again when asked', async () => {
    const waiting = hasher.hash(USER, 'Sesame-Open-1', null);
    const ended = expect(waiting).rejects.toThrow('ended');
    await hasher.close();
    await ended;
    expect(await hasher.hash(USER, 'Sesame-Open-1', null)).toMatch(/^\$2/);
  });
});
