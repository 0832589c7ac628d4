import type { Resource } from '../../../server/src/domain/resource/resource';
import { carryImmutable } from '../../../server/src/scim/schema/immutable';
import { SERVICE_PROVIDER_SCHEMAS } from '../../../server/src/scim/schema/service-provider';
import { GROUP_URN, USER_URN } from '../../../server/src/scim/schema/urns';
import { contextOf, MemoryService, serverOver, STRAPI_URN, TYPES_WITH_STRAPI } from './fake-service';

type Listed = { Resources: { id: string; attributes: { name: string }[] }[] };

const patch = (...Operations: object[]) => ({ body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations } });
const withExtension = (extension: object) => ({ body: { schemas: [USER_URN, STRAPI_URN], userName: 'ada', [STRAPI_URN]: extension } });

describe('the schemas of the connection', () => {
  it('are what /Schemas and /ResourceTypes list, and nothing else', async () => {
    const { send } = serverOver(new MemoryService());
    const schemas = ((await send('GET', '/Schemas')).body as Listed).Resources;
    expect(schemas.find(({ id }) => id === STRAPI_URN)?.attributes.map(({ name }) => name)).toEqual(['shoeSize', 'points', 'badge', 'note', 'joined']);
    expect((await send('GET', `/Schemas/${STRAPI_URN}`)).body).toMatchObject({ id: STRAPI_URN, meta: { location: `https://cms.example/scim/v2/Schemas/${STRAPI_URN}` } });
    expect((await send('GET', '/ResourceTypes/User')).body).toMatchObject({ schemaExtensions: [{}, { schema: STRAPI_URN, required: false }] });

    const bare = contextOf({}, { types: { User: { ...TYPES_WITH_STRAPI.User, extensions: [] }, Group: TYPES_WITH_STRAPI.Group } });
    const listed = ((await serverOver(new MemoryService(), bare).send('GET', '/Schemas')).body as Listed).Resources.map(({ id }) => id);
    expect(listed).toEqual([USER_URN, GROUP_URN, ...SERVICE_PROVIDER_SCHEMAS.map(({ id }) => id)]);
  });

  it('decide what a POST may carry: types are checked, read-only attributes ignored', async () => {
    const service = new MemoryService();
    const { send } = serverOver(service);
    expect(await send('POST', '/Users', withExtension({ SHOESIZE: 43, points: 900, badge: 'b1' }))).toMatchObject({ status: 201 });
    expect(service.resources.User.get('u1')?.[STRAPI_URN]).toEqual({ shoeSize: 43, badge: 'b1' });
    expect(await send('POST', '/Users', withExtension({ shoeSize: 'large' }))).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
  });

  it('decide what a PATCH may do: read-only is mutability, immutable cannot change once set', async () => {
    const service = new MemoryService();
    const { send } = serverOver(service);
    await send('POST', '/Users', withExtension({ shoeSize: 43 }));
    const at = (path: string, op: string, value?: unknown) => send('PATCH', '/Users/u1', patch({ op, path: `${STRAPI_URN}:${path}`, ...(value === undefined ? {} : { value }) }));
    expect(await at('points', 'replace', 5)).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
    expect(await at('shoeSize', 'replace', 'x')).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    expect(await at('badge', 'add', 'b1')).toMatchObject({ status: 200 });
    expect(await at('badge', 'replace', 'b1')).toMatchObject({ status: 200 });
    const before = service.snapshot();
    for (const request of [() => at('badge', 'replace', 'b2'), () => at('badge', 'remove'), () => send('PATCH', '/Users/u1', patch({ op: 'remove', path: STRAPI_URN }))]) {
      expect(await request()).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
    }
    expect(service.snapshot()).toBe(before);
  });

  it('decide what is not taken: what the site has no field for and what may not be written is named', async () => {
    const { send, dropped } = serverOver(new MemoryService());
    const sent = { shoeSize: 4, foo: 'bar', POINTS: 5 };
    const names = [`${STRAPI_URN}:foo`, `${STRAPI_URN}:points`];
    const at = (name: string): string => `${STRAPI_URN}:${name}`;
    expect(await send('POST', '/Users', withExtension(sent))).toMatchObject({ status: 201 });
    expect(await send('PUT', '/Users/u1', withExtension(sent))).toMatchObject({ status: 200 });
    expect(await send('PUT', '/Users/u1', { body: { userName: 'ada', [at('foo')]: 1, [at('points')]: 1, [at('shoeSize')]: 1 } })).toMatchObject({ status: 200 });
    for (const operation of [
      { op: 'add', path: STRAPI_URN.toUpperCase(), value: sent },
      { op: 'replace', value: { [STRAPI_URN]: sent } },
      { op: 'add', value: { [at('foo')]: 1, [at('points')]: 1, userName: 'ada' } },
    ]) {
      expect(await send('PATCH', '/Users/u1', patch(operation))).toMatchObject({ status: 200 });
    }
    expect(await send('PATCH', '/Users/u1', patch({ op: 'add', path: at('foo'), value: 'bar' }, { op: 'add', path: at('points.x'), value: 'bar' }))).toMatchObject({ status: 400 });
    expect(await send('PATCH', '/Users/u1', patch({ op: 'add', path: at('other.more'), value: 'bar' }))).toMatchObject({ status: 200 });
    expect(await send('PATCH', '/Users/u1', patch({ op: 'add', path: at('shoeSize'), value: 5 }, { op: 'remove', path: at('foo') }, { op: 'add', path: 'urn:x:y:z:foo', value: 1 }))).toMatchObject({ status: 200 });
    expect(dropped).toEqual([names, names, names, names, names, names, names, [at('other')]]);
  });

  it('leave read-only values alone when a PATCH removes their extension', async () => {
    const service = new MemoryService();
    const { send } = serverOver(service);
    await send('POST', '/Users', withExtension({ shoeSize: 43 }));
    const stored = service.resources.User.get('u1') as Resource;
    service.resources.User.set('u1', { ...stored, [STRAPI_URN]: { shoeSize: 43, points: 7 } });
    expect(await send('PATCH', '/Users/u1', patch({ op: 'remove', path: STRAPI_URN }))).toMatchObject({ status: 200, body: { [STRAPI_URN]: { points: 7 } } });
  });

  it('PUT keeps an immutable attribute that is left out and refuses another value', () => {
    const current: Resource = { schemas: [USER_URN, STRAPI_URN], userName: 'ada', [STRAPI_URN]: { badge: 'b1', shoeSize: 43 } };
    const put = (desired: Resource) => carryImmutable(current, desired, TYPES_WITH_STRAPI.User);
    expect(put({ schemas: [USER_URN], userName: 'ada' })).toEqual({ schemas: [USER_URN, STRAPI_URN], userName: 'ada', [STRAPI_URN]: { badge: 'b1' } });
    expect(() => put({ schemas: [USER_URN], userName: 'ada', [STRAPI_URN]: { badge: 'b2' } })).toThrow(expect.objectContaining({ status: 400, scimType: 'mutability' }));
  });

  it('decide what is answered: what is returned on request only, is', async () => {
    const { send } = serverOver(new MemoryService());
    expect((await send('POST', '/Users', withExtension({ note: 'n', shoeSize: 4 }))).body).toMatchObject({ [STRAPI_URN]: { shoeSize: 4 } });
    const view = async (query: Record<string, string>) => ((await send('GET', '/Users/u1', { query })).body as Resource)[STRAPI_URN];
    expect(await view({})).toEqual({ shoeSize: 4 });
    expect(await view({ attributes: `${STRAPI_URN}:NOTE` })).toEqual({ note: 'n' });
    expect(await view({ attributes: STRAPI_URN })).toEqual({ note: 'n', shoeSize: 4 });
    expect(await view({ excludedAttributes: `${STRAPI_URN}:shoeSize` })).toBeUndefined();
  });

  it('can be sorted, filtered and asked for', async () => {
    const service = new MemoryService();
    const { send } = serverOver(service);
    await send('POST', '/Users', withExtension({ shoeSize: 43, badge: 'b' }));
    expect((await send('GET', '/Users', { query: { filter: `${STRAPI_URN}:shoeSize eq 43`, sortBy: `${STRAPI_URN}:SHOESIZE` } })).body).toMatchObject({ totalResults: 1 });
    expect(service.calls.at(-1)).toMatchObject(['list', 'User', { sort: { path: { schema: STRAPI_URN, attribute: 'shoeSize', subAttribute: null } } }]);
    expect((await send('GET', '/Users/u1', { query: { attributes: `${STRAPI_URN}:badge` } })).body).toEqual({ schemas: [USER_URN, STRAPI_URN], id: 'u1', [STRAPI_URN]: { badge: 'b' } });
  });
});

describe('password', () => {
  const ctx = contextOf({ acceptPassword: true });
  const listsPassword = (body: unknown): boolean => ((body as Listed).Resources[0]?.attributes ?? []).some(({ name }) => name === 'password');

  it('is listed, told as supported and passed on where the connection takes it', async () => {
    const service = new MemoryService();
    const { send, dropped } = serverOver(service, ctx);
    expect((await send('GET', '/ServiceProviderConfig')).body).toMatchObject({ changePassword: { supported: true } });
    expect(listsPassword((await send('GET', '/Schemas')).body)).toBe(true);
    const answers = [
      await send('POST', '/Users', { body: { userName: 'ada', password: 'one' } }),
      await send('PUT', '/Users/u1', { body: { userName: 'ada', password: 'two' } }),
      await send('PATCH', '/Users/u1', patch({ op: 'replace', path: 'password', value: 'three' })),
    ];
    expect(service.calls.map((call) => call[0])).toEqual(['create', 'replace', 'modify']);
    expect(service.calls[0]?.[2]).toMatchObject({ password: 'one' });
    expect(service.calls[1]?.[3]).toMatchObject({ password: 'two' });
    expect(service.resources.User.get('u1')?.password).toBe('three');
    // The service even answers it: it must not leave.
    for (const answer of answers) {
      expect(answer.status).toBeLessThan(300);
      expect(answer.body).not.toHaveProperty('password');
    }
    expect(dropped).toEqual([]);
  });

  it('is not cleared by a PATCH, and must be text', async () => {
    const service = new MemoryService();
    const { send } = serverOver(service, ctx);
    await send('POST', '/Users', { body: { userName: 'ada', password: 'one' } });
    for (const operation of [{ op: 'remove', path: 'password' }, { op: 'replace', path: 'password', value: '' }]) expect(await send('PATCH', '/Users/u1', patch(operation))).toMatchObject({ status: 200 });
    expect(service.resources.User.get('u1')?.password).toBe('one');
    expect(await send('PATCH', '/Users/u1', patch({ op: 'replace', path: 'password', value: { a: 1 } }))).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
  });

  it('is neither listed nor taken otherwise', async () => {
    const service = new MemoryService();
    const { send, dropped } = serverOver(service);
    expect(listsPassword((await send('GET', '/Schemas')).body)).toBe(false);
    expect((await send('GET', '/Schemas')).body).not.toMatchObject({ changePassword: { supported: true } });
    await send('POST', '/Users', { body: { userName: 'ada', password: 'one' } });
    expect(service.resources.User.get('u1')).not.toHaveProperty('password');
    expect(dropped).toEqual([['password']]);
  });

  it('is dropped anywhere inside a resource, and named', async () => {
    const secret = 's3cret';
    const inside = { name: { givenName: 'a', password: secret }, emails: [{ value: 'a@example.org', PassWord: secret }], custom: [{ deep: { password: secret, kept: 1 } }], 'urn:x:y:z': { a: { password: secret } } };
    const names = ['name.password', 'emails.PassWord', 'custom.deep.password', 'urn:x:y:z.a.password'];
    for (const acceptPassword of [false, true]) {
      const service = new MemoryService();
      const { send, dropped } = serverOver(service, contextOf({ acceptPassword }));
      await send('POST', '/Users', { body: { userName: 'ada', [USER_URN]: { title: 'x' }, ...inside } });
      await send('PUT', '/Users/u1', { body: { userName: 'ada', ...inside } });
      await send('PATCH', '/Users/u1', patch({ op: 'add', value: inside }));
      await send('PATCH', '/Users/u1', patch(...Object.entries(inside).map(([path, value]) => ({ op: 'add', path, value }))));
      await send('PATCH', '/Users/u1', patch({ op: 'replace', path: 'emails[value pr]', value: { value: 'b@example.org', password: secret } }, { op: 'add', path: USER_URN, value: { name: inside.name } }));
      expect(service.snapshot()).not.toContain(secret);
      expect(JSON.stringify(service.calls)).not.toContain(secret);
      expect(service.resources.User.get('u1')).toMatchObject({ name: { givenName: 'a' }, emails: [{ value: 'b@example.org' }], custom: [{ deep: { kept: 1 } }] });
      expect(dropped).toEqual([names, names, names, names, ['emails.password', 'name.password']]);
    }
  });

  it.each(['password[value eq "FilterS3cret!"]', 'PASSWORD[value eq "FilterS3cret!"].value', `${USER_URN}:password[x eq "FilterS3cret!"]`])('has no elements: %s', async (path) => {
    const service = new MemoryService();
    const { send } = serverOver(service, ctx);
    await send('POST', '/Users', { body: { userName: 'ada', password: 'one' } });
    for (const operation of [{ op: 'replace', path, value: 'two' }, { op: 'add', path, value: '' }, { op: 'remove', path }, { op: 'replace', value: { [path]: 'two' } }]) {
      const answer = await send('PATCH', '/Users/u1', patch(operation));
      expect(answer).toMatchObject({ status: 400, body: { scimType: 'invalidPath' } });
      expect(JSON.stringify(answer)).not.toContain('FilterS3cret');
    }
    expect(service.resources.User.get('u1')?.password).toBe('one');
  });

  it('is not told in a message or a dropped name, however its path is written', async () => {
    for (const policies of [{}, { acceptPassword: true }, { strict: true }]) {
      const { send, dropped } = serverOver(new MemoryService(), contextOf(policies));
      const answers = [];
      for (const key of ['password[value eq "FilterS3cret!"', 'password eq "FilterS3cret!"', 'x[password eq "FilterS3cret!"].y.z', 'urn:x:y:z:password "FilterS3cret!"', 'password[value eq FilterS3cret!]']) {
        answers.push(await send('POST', '/Users', { body: { userName: key.length.toString().repeat(3), [key]: 'x' } }));
        answers.push(await send('PATCH', '/Users/u1', patch({ op: 'add', path: key, value: 'x' })), await send('PATCH', '/Users/u1', patch({ op: 'add', value: { [key]: 'x' } })));
      }
      expect(JSON.stringify([dropped, answers.map(({ status, body }) => (status < 300 ? 'taken' : body))])).not.toContain('FilterS3cret');
    }
  });

  it('is dropped where no schema has one, whatever the connection takes', async () => {
    for (const acceptPassword of [false, true]) {
      const service = new MemoryService();
      const { send, dropped } = serverOver(service, contextOf({ acceptPassword }));
      const secret = 's3cret';
      await send('POST', '/Groups', { body: { displayName: 'g', Password: secret, 'urn:x:y:z': { password: secret, kept: 1 }, [`${GROUP_URN}:password`]: secret, 'urn:x:y:z:password': secret } });
      await send('PATCH', '/Groups/g1', patch({ op: 'add', value: { password: secret, 'urn:x:y:z': { PASSWORD: secret, more: 2 } } }));
      await send('POST', '/Users', { body: { userName: 'a', 'urn:x:y:z': { password: secret }, [STRAPI_URN]: { password: secret, shoeSize: 4 } } });
      await send('PATCH', '/Users/u2', patch({ op: 'add', path: STRAPI_URN, value: { password: secret } }, { op: 'add', path: `${STRAPI_URN}:password`, value: secret }, { op: 'add', path: 'urn:x:y:z:password', value: secret }));
      const hidden = ['unknown.password', 'name.PASSWORD', 'emails[type eq "work"].password', 'urn:x:y:z:password.plain', 'urn:x:y:z:a.password'];
      for (const path of hidden) expect((await send('PATCH', '/Users/u2', patch({ op: 'add', path, value: secret }, { op: 'add', value: { [path]: secret } }))).status).toBeLessThan(300);
      expect(service.snapshot()).not.toContain(secret);
      expect(service.resources.Group.get('g1')).toMatchObject({ 'urn:x:y:z': { kept: 1, more: 2 } });
      expect(dropped.length).toBeGreaterThanOrEqual(3);
    }
  });

  it.each([{ filter: 'password eq "x"' }, { filter: `not (${USER_URN}:PASSWORD pr)` }, { filter: 'userName eq "a" or password sw "x"' }, { sortBy: 'password' }])(
    'is never compared: %j is 403 sensitive',
    async (query) => {
      for (const context of [ctx, contextOf()]) {
        const { send } = serverOver(new MemoryService(), context);
        expect(await send('GET', '/Users', { query })).toMatchObject({ status: 403, body: { scimType: 'sensitive' } });
        expect(await send('POST', '/Users/.search', { body: query })).toMatchObject({ status: 403, body: { scimType: 'sensitive' } });
      }
    }
  );
});
