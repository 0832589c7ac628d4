import { act, screen, waitFor, within } from '@testing-library/react';
import type { TokenInfo } from '../../server/src/contracts/connection';
import { inbound, outbound, status } from './helpers/fixtures';
import { openPanel } from './helpers/render';
import { grantAll } from './helpers/rights';
import { data, error, fakeApi, type FakeApi } from './helpers/server';

jest.mock('@strapi/strapi/admin', () => jest.requireActual('./helpers/rights').adminWithRights());

const [first] = inbound().tokens as [TokenInfo];
const client: TokenInfo = {
  ...first, id: 12, name: 'Entra', kind: 'client', hint: 'client_0123456789', scopes: ['read-only', 'users'],
  allowedIps: ['203.0.113.7', '10.0.0.0/8', '2001:db8::/32'], expiresAt: '2020-01-01T00:00:00.000Z', lastUsedAt: null,
};

let api: FakeApi;

beforeEach(() => {
  grantAll();
  api = fakeApi()
    .on('GET /status', () => data(status()))
    .on('GET /connections', () => data([inbound(), outbound()]))
    .on('GET /connections/1', () => data(inbound({ tokens: [first, client] })))
    .on('GET /roles', () => data([{ id: 2, name: 'Editor', protected: false }]));
});

const open = async () => {
  const panel = openPanel('/connections/1');
  await screen.findByRole('grid', { name: 'Tokens' });
  return panel;
};

const choose = async (user: Awaited<ReturnType<typeof open>>['user'], field: string, option: string) => {
  await user.click(screen.getByRole('combobox', { name: field }));
  await user.click(await screen.findByRole('option', { name: option }));
};

describe('the list of tokens', () => {
  it('says what each may do, from where and until when', async () => {
    await open();
    const [, plain, limited] = within(screen.getByRole('grid', { name: 'Tokens' })).getAllByRole('row');
    expect(plain?.textContent).toContain('First token');
    for (const text of ['Read and change', 'People and groups', 'Everywhere']) expect(plain?.textContent).toContain(text);
    for (const text of ['Entra', 'OAuth client', 'Only read', 'Only people', '203.0.113.7', 'and 1 more', 'Expired', 'Never used']) {
      expect(limited?.textContent).toContain(text);
    }
    // Needed with the client, and no secret.
    expect(screen.getByRole('textbox', { name: 'Token URL' })).toBeTruthy();
  });
});

describe('add a token', () => {
  it('sends what was chosen, and shows the secret once, until it is said to be copied', async () => {
    api.on('POST /connections/1/tokens', () => data({ connection: inbound(), token: 'scim_new', clientId: null }));
    const { user } = await open();
    await user.click(screen.getByRole('button', { name: 'Add a token' }));
    const dialog = within(await screen.findByRole('dialog'));
    await user.type(dialog.getByRole('textbox', { name: 'Name' }), ' Night job ');
    await choose(user, 'It may', 'Only read');
    await choose(user, 'What it reaches', 'Only groups');
    await user.type(dialog.getByRole('textbox', { name: 'Only from these addresses' }), '203.0.113.7{Enter}10.0.0.0/8');
    await user.click(dialog.getByRole('button', { name: 'Create' }));
    expect(await dialog.findByDisplayValue('scim_new')).toBeTruthy();
    expect(api.to('POST /connections/1/tokens')[0]?.body).toEqual({
      name: 'Night job', kind: 'bearer', scopes: ['read-only', 'groups'], allowedIps: ['203.0.113.7', '10.0.0.0/8'], expiresAt: null,
    });
    // Not saved by the way: the page's own form lies around it.
    expect(api.to('PUT /connections/1')).toEqual([]);
    await user.keyboard('{Escape}');
    expect(screen.getByDisplayValue('scim_new')).toBeTruthy();
    await user.click(dialog.getByRole('button', { name: 'I have copied it' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(screen.queryByDisplayValue('scim_new')).toBeNull();
  });

  it('an OAuth client comes with three values', async () => {
    api.on('POST /connections/1/tokens', () => data({ connection: inbound(), token: 'scim_secret_1', clientId: 'client_1' }));
    const { user } = await open();
    await user.click(screen.getByRole('button', { name: 'Add a token' }));
    await choose(user, 'Kind', 'OAuth client');
    const dialog = within(await screen.findByRole('dialog'));
    await user.type(dialog.getByRole('textbox', { name: 'Name' }), 'Entra');
    await user.click(dialog.getByRole('button', { name: 'Create' }));
    expect(await dialog.findByDisplayValue('scim_secret_1')).toBeTruthy();
    expect(dialog.getByDisplayValue('client_1')).toBeTruthy();
    expect(dialog.getByDisplayValue(/\/oauth\/token$/)).toBeTruthy();
    expect(api.to('POST /connections/1/tokens')[0]?.body).toMatchObject({ kind: 'client', scopes: [], allowedIps: [] });
  });

  it('says at the field which address is wrong', async () => {
    api.on('POST /connections/1/tokens', () =>
      error(400, 'No address', [{ path: ['allowedIps', '1'], message: 'Enter an address or a range.' }])
    );
    const { user } = await open();
    await user.click(screen.getByRole('button', { name: 'Add a token' }));
    const dialog = within(await screen.findByRole('dialog'));
    await user.type(dialog.getByRole('textbox', { name: 'Only from these addresses' }), '10.0.0.1 10.0.0.256');
    await user.click(dialog.getByRole('button', { name: 'Create' }));
    expect(await dialog.findByText('10.0.0.256: Enter an address or a range.')).toBeTruthy();
    const field = dialog.getByRole('textbox', { name: 'Only from these addresses' });
    await waitFor(() => expect(document.activeElement).toBe(field));
    await user.clear(field);
    expect(dialog.getByText('10.0.0.256: Enter an address or a range.')).toBeTruthy();
  });

  it('says why not, also where that belongs to no field', async () => {
    api.on('POST /connections/1/tokens', () => error(403, 'Super admins only.'));
    const { user } = await open();
    await user.click(screen.getByRole('button', { name: 'Add a token' }));
    await user.click(await screen.findByRole('button', { name: 'Create' }));
    expect(await screen.findByText('Super admins only.')).toBeTruthy();
  });
});

it('replaces a token, and lets the admin choose how long the old one works', async () => {
  api.on('POST /connections/1/rotate-token', () => data({ connection: inbound(), token: 'scim_next', clientId: null }));
  const { user } = await open();
  await user.click(screen.getByRole('button', { name: 'Replace the token First token' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Replace "First token"' }));
  await choose(user, 'The old one works', 'For one more week');
  await user.click(dialog.getByRole('button', { name: 'Make a new one' }));
  expect(await dialog.findByDisplayValue('scim_next')).toBeTruthy();
  expect(api.to('POST /connections/1/rotate-token')[0]?.body).toEqual({ tokenId: 11, overlapHours: 168 });
});

describe('on the keyboard', () => {
  it('both buttons of a token work, and Tab leads out of the table', async () => {
    const { user } = await open();
    const replace = screen.getByRole('button', { name: 'Replace the token First token' });
    act(() => replace.focus());
    await user.keyboard('{ArrowRight}');
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Revoke the token First token' }));
    await user.keyboard('{Enter}');
    await user.click(await screen.findByRole('button', { name: 'Cancel' }));
    act(() => replace.focus());
    await user.keyboard('{Enter}');
    await user.keyboard('{Escape}');
    act(() => replace.focus());
    await user.tab();
    await user.tab();
    expect(screen.getByRole('grid', { name: 'Tokens' }).contains(document.activeElement)).toBe(false);
  });
});
