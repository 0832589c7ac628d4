import { screen, waitFor } from '@testing-library/react';
import { DEFAULT_POLICIES } from '../../server/src/domain/connection/policies';
import { inbound, status } from './helpers/fixtures';
import { openPanel } from './helpers/render';
import { grantAll } from './helpers/rights';
import { data, error, fakeApi, type FakeApi } from './helpers/server';

jest.mock('@strapi/strapi/admin', () => jest.requireActual('./helpers/rights').adminWithRights());

const mapping = { groupName: 'Writers', roleId: 2, priority: 1, mode: 'authoritative' as const };

let api: FakeApi;

const serve = (connection: ReturnType<typeof inbound>) =>
  api.on('GET /connections/1', () => data(connection)).on('PUT /connections/1', () => data(connection));

beforeEach(() => {
  grantAll();
  api = fakeApi()
    .on('GET /status', () => data(status()))
    .on('GET /connections', () => data([]))
    .on('GET /roles', () => data([{ id: 2, name: 'Editor', protected: false }, { id: 1, name: 'Super Admin', protected: true }]));
  serve(inbound({ roleMappings: [mapping] }));
});

const open = async () => {
  const panel = openPanel('/connections/1');
  await screen.findByRole('heading', { name: 'Rules' });
  const { user } = panel;
  return {
    user,
    section: (name: RegExp) => user.click(screen.getByRole('button', { name })),
    choose: async (field: string, option: string) => {
      await user.click(screen.getByRole('combobox', { name: field }));
      await user.click(await screen.findByRole('option', { name: option }));
    },
    save: async () => {
      await user.click(screen.getByRole('button', { name: 'Save' }));
      await waitFor(() => expect(api.to('PUT /connections/1')).toHaveLength(1));
      return api.to('PUT /connections/1')[0]?.body as { policies?: unknown; roleMappings?: unknown };
    },
  };
};

it('sends only the rules that were changed', async () => {
  const { section, choose, save, user } = await open();
  await section(/People who already have an account/);
  await choose('Take over an account that exists already', 'If the e-mail address matches');
  await section(/When someone leaves/);
  await choose('When the provider deletes somebody', 'Remove personal data, keep what they wrote');
  const days = screen.getByRole('textbox', { name: 'Days to wait' });
  await user.clear(days);
  await user.type(days, '30');
  expect(await screen.findByText(/30 days later name and address are removed/)).toBeTruthy();
  expect((await save()).policies).toEqual({ joinBy: ['email'], onDelete: { action: 'anonymise', graceDays: 30 } });
});

it('sends no rules where none was changed', async () => {
  const { user, save } = await open();
  await user.type(screen.getByRole('textbox', { name: 'Name' }), '!');
  expect(await save()).not.toHaveProperty('policies');
});

it('an emptied limit is none, and a number is one', async () => {
  serve(inbound({ policies: { ...DEFAULT_POLICIES, requestsPerMinute: 60 } }));
  const { user, section, save } = await open();
  await section(/Provider dialect/);
  await user.clear(screen.getByRole('textbox', { name: 'Requests per minute' }));
  await user.tab();
  expect((await save()).policies).toEqual({ requestsPerMinute: null });
});

it('warns of what opens a way past the provider', async () => {
  const { user, section } = await open();
  await section(/Provider dialect/);
  expect(screen.queryByText('A way in past the provider')).toBeNull();
  await user.click(screen.getByRole('checkbox', { name: 'Take over passwords' }));
  expect(await screen.findByText('A way in past the provider')).toBeTruthy();
});

it('opens the section of the field that the server refused', async () => {
  const { user, section } = await open();
  await section(/New accounts/);
  await user.clear(screen.getByRole('textbox', { name: 'They sign in with' }));
  await section(/Provider dialect/);
  expect(screen.queryByRole('textbox', { name: 'They sign in with' })).toBeNull();
  api.on('PUT /connections/1', () => error(400, 'Name the provider.', [{ path: ['policies', 'signInProvider'], message: 'Name the provider.' }]));
  await user.click(screen.getByRole('button', { name: 'Save' }));
  const field = await screen.findByRole('textbox', { name: 'They sign in with' });
  expect(field.getAttribute('aria-invalid')).toBe('true');
  await waitFor(() => expect(document.activeElement).toBe(field));
});

it('each group has its own way to give the role', async () => {
  const { choose, save } = await open();
  await choose('When it is given', 'Given, never taken away');
  expect((await save()).roleMappings).toEqual([{ ...mapping, mode: 'additive' }]);
});

describe('admin users', () => {
  it('are asked about the super-admin role, with a warning; only then is it offered', async () => {
    serve(inbound({ population: 'admin-users', roleMappings: [mapping] }));
    const { user } = await open();
    await user.click(screen.getByRole('combobox', { name: 'Role' }));
    expect(screen.queryByRole('option', { name: 'Super Admin' })).toBeNull();
    await user.keyboard('{Escape}');
    await user.click(screen.getByRole('checkbox', { name: 'Groups may give the super-admin role' }));
    expect(await screen.findByText('Whoever controls the provider controls this Strapi')).toBeTruthy();
    await user.click(screen.getByRole('combobox', { name: 'Role' }));
    expect(await screen.findByRole('option', { name: 'Super Admin' })).toBeTruthy();
  });

  it('are not asked about sign-in and shared addresses', async () => {
    serve(inbound({ population: 'admin-users' }));
    const { section } = await open();
    expect(screen.queryByRole('button', { name: /New accounts/ })).toBeNull();
    await section(/People who already have an account/);
    expect(screen.getByRole('combobox', { name: 'Who the provider can see' })).toBeTruthy();
    expect(screen.queryByRole('combobox', { name: 'Two people with one e-mail address' })).toBeNull();
  });
});

it('end users are not asked about the super-admin role', async () => {
  await open();
  expect(screen.queryByRole('checkbox', { name: /super-admin/ })).toBeNull();
});
