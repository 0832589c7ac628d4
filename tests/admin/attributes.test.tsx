import { screen, waitFor, within } from '@testing-library/react';
import type { AttributeInfo } from '../../server/src/contracts/connection';
import { DEFAULT_POLICIES } from '../../server/src/domain/connection/policies';
import { inbound, status } from './helpers/fixtures';
import { openPanel } from './helpers/render';
import { grantAll } from './helpers/rights';
import { data, error, fakeApi, type FakeApi } from './helpers/server';

jest.mock('@strapi/strapi/admin', () => jest.requireActual('./helpers/rights').adminWithRights());

const field = (name: string, overrides: Partial<AttributeInfo> = {}): AttributeInfo => ({
  name, type: 'string', multiValued: false, required: false, writable: false, locked: null, ...overrides,
});

let api: FakeApi;

beforeEach(() => {
  grantAll();
  api = fakeApi()
    .on('GET /status', () => data(status()))
    .on('GET /connections', () => data([]))
    .on('GET /roles', () => data([]))
    .on('GET /connections/1/approvals', () => data({ people: [], more: false, mayApprove: true }));
});

const open = async (attributes: AttributeInfo[] | null, writableAttributes: string[] = []) => {
  const connection = inbound({ policies: { ...DEFAULT_POLICIES, writableAttributes } });
  api.on('GET /connections/1', () => data(connection)).on('PUT /connections/1', () => data(connection));
  api.on('GET /attributes', () => (attributes === null ? error(500, 'Out of order') : data(attributes)));
  const { user } = openPanel('/connections/1');
  await user.click(await screen.findByRole('button', { name: /Fields that your site added/ }));
  return {
    user,
    save: async () => {
      await user.click(screen.getByRole('button', { name: 'Save' }));
      await waitFor(() => expect(api.to('PUT /connections/1')).toHaveLength(1));
      return (api.to('PUT /connections/1')[0]?.body as { policies?: unknown }).policies;
    },
  };
};

it('says what each field is, and what it means that one is required', async () => {
  await open([field('birthday', { type: 'date' }), field('nickname', { required: true }), field('languages', { type: 'component', multiValued: true }), field('flag', { type: 'country-flag' })]);
  const birthday = await screen.findByRole('checkbox', { name: 'birthday' });
  expect(document.getElementById(birthday.getAttribute('aria-describedby') ?? '')?.textContent).toBe('Date');
  expect(screen.getByText(/^Text\. Strapi requires it/)).toBeTruthy();
  expect(screen.getByText('Component, several')).toBeTruthy();
  expect(screen.getByText('country-flag')).toBeTruthy();
  expect(api.to('GET /attributes')[0]?.query.get('population')).toBe('end-users');
});

it('sends the names that are ticked, in the order of the fields', async () => {
  const { user, save } = await open([field('a'), field('b'), field('c')], ['c']);
  await user.click(await screen.findByRole('checkbox', { name: 'b' }));
  expect(screen.getByText('2 of 3 ticked')).toBeTruthy();
  expect(await save()).toEqual({ writableAttributes: ['b', 'c'] });
});

it('drops a name that is no field any more, and says so before', async () => {
  const { user, save } = await open([field('a')], ['long-gone']);
  expect(await screen.findByText(/no field that a provider can fill any more: long-gone/)).toBeTruthy();
  await user.click(screen.getByRole('checkbox', { name: 'a' }));
  expect(await save()).toEqual({ writableAttributes: ['a'] });
});

it('shows locked fields with the reason, and nothing to tick', async () => {
  await open([field('avatar', { type: 'media', locked: 'type' }), field('inviteToken', { locked: 'secret' })]);
  const list = within(await screen.findByRole('list', { name: 'Out of reach for every provider' }));
  expect(list.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    'avatarMedia. Providers cannot send or read this type.',
    'inviteTokenText. Its name sounds like a secret, so no provider sees it.',
  ]);
  expect(screen.queryByRole('checkbox', { name: 'avatar' })).toBeNull();
});

it('finds one of many; a search saves nothing and forgets nothing', async () => {
  const many = Array.from({ length: 60 }, (_, index) => field(`attribute${index}`));
  const { user, save } = await open(many, ['attribute59']);
  const search = await screen.findByRole('searchbox', { name: 'Search a field by name' });
  await user.type(search, 'ATTRIBUTE1{Enter}');
  expect(screen.getAllByRole('checkbox', { name: /^attribute/ })).toHaveLength(11);
  expect(screen.getByText('1 of 60 ticked · 11 fields match')).toBeTruthy();
  await user.click(screen.getByRole('checkbox', { name: 'attribute1' }));
  expect(api.to('PUT /connections/1')).toEqual([]);
  expect(await save()).toEqual({ writableAttributes: ['attribute1', 'attribute59'] });
});

it('says what to do where there are no fields, and where they cannot be loaded', async () => {
  await open([]);
  expect(await screen.findByText(/Your site added no fields/)).toBeTruthy();
});

it('can be tried again where the fields cannot be loaded', async () => {
  const { user } = await open(null);
  expect(await screen.findByText('This could not be loaded: Out of order')).toBeTruthy();
  api.on('GET /attributes', () => data([field('late')]));
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('checkbox', { name: 'late' })).toBeTruthy();
});

it('opens with the sentence of the server where a name was refused', async () => {
  const { user } = await open([field('a')]);
  await user.click(await screen.findByRole('checkbox', { name: 'a' }));
  api.on('PUT /connections/1', () => error(400, 'End users have no field “a”.', [{ path: ['policies', 'writableAttributes', '0'], message: 'End users have no field “a”.' }]));
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findAllByText('End users have no field “a”.')).toHaveLength(2);
});
