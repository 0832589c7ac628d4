import { screen, waitFor, within } from '@testing-library/react';
import { inbound, outbound, status } from './helpers/fixtures';
import { openPanel } from './helpers/render';
import { grantAll } from './helpers/rights';
import { data, error, fakeApi, type FakeApi } from './helpers/server';

jest.mock('@strapi/strapi/admin', () => jest.requireActual('./helpers/rights').adminWithRights());

const TOKEN = 'upt_the-secret-token';
const ROLES = [
  { id: 1, name: 'Authenticated', protected: false },
  { id: 2, name: 'Editor', protected: false },
  { id: 3, name: 'Super Admin', protected: true },
];

let api: FakeApi;

beforeEach(() => {
  grantAll();
  api = fakeApi()
    .on('GET /status', () => data(status()))
    .on('GET /connections', () => data([inbound()]))
    .on('GET /connections/1', () => data(inbound()))
    .on('GET /connections/2', () => data(outbound()))
    .on('GET /roles', () => data(ROLES))
    .on('POST /connections', () => data({ connection: inbound(), token: TOKEN, clientId: null }));
});

const posted = () => api.to('POST /connections');
const textbox = (name: string | RegExp) => screen.getByRole('textbox', { name });

describe('create an inbound connection', () => {
  it('shows the token once, with the address and the guide of the provider', async () => {
    const { user, address } = openPanel('/connections/create');
    await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'Okta production');
    await user.click(screen.getByRole('combobox', { name: 'Identity provider' }));
    await user.click(await screen.findByRole('option', { name: 'Okta' }));
    await user.click(screen.getByRole('button', { name: 'Create' }));

    expect(await screen.findByRole('heading', { name: '"Okta production" is ready' })).toBeTruthy();
    expect(textbox('Token')).toHaveProperty('value', TOKEN);
    expect(textbox('SCIM base URL')).toHaveProperty('value', `${window.location.origin}/api/scim/v2/okta-production`);
    expect(screen.getByText(/Okta Admin Console/)).toBeTruthy();
    expect(posted()[0]?.body).toEqual({
      name: 'Okta production',
      direction: 'inbound',
      population: 'end-users',
      system: 'Okta production',
      preset: 'okta',
      enabled: true,
      defaultRoleId: null,
      roleMappings: [],
    });
    // Neither the address nor the history may keep the secret.
    expect(address()).not.toContain(TOKEN);

    // The page is the connection's own: a reload, after which the secret is gone, does not end in an empty form.
    expect(address()).toBe('/plugins/user-provisioning/connections/1');
    await user.click(screen.getByRole('button', { name: 'I have copied both' }));
    expect(await screen.findByRole('heading', { name: 'Okta production' })).toBeTruthy();
    expect(screen.queryByDisplayValue(TOKEN)).toBeNull();
  });

  it('copies the two values', async () => {
    const { user } = openPanel('/connections/create');
    await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'Okta production');
    await user.click(screen.getByRole('button', { name: 'Create' }));
    await user.click(await screen.findByRole('button', { name: 'Copy Token' }));
    await waitFor(async () => expect(await navigator.clipboard.readText()).toBe(TOKEN));
  });

  it('asks for what is missing at its field, before the server is asked', async () => {
    const { user } = openPanel('/connections/create');
    await screen.findByRole('textbox', { name: 'Name' });
    await user.click(screen.getByRole('button', { name: 'Add a group' }));
    await user.click(screen.getByRole('button', { name: 'Create' }));
    expect(await screen.findAllByText('Enter a value here.')).toHaveLength(2);
    expect(screen.getByText('Choose a role.')).toBeTruthy();
    expect(document.activeElement).toBe(textbox('Name'));
    expect(posted()).toHaveLength(0);
  });

  it('builds the group table, without the protected role, and sends it', async () => {
    const { user } = openPanel('/connections/create');
    await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'Okta');
    await user.click(screen.getByRole('button', { name: 'Add a group' }));
    await user.type(textbox('Group of the provider'), ' Writers ');
    await user.click(screen.getByRole('combobox', { name: 'Role' }));
    expect(screen.queryByRole('option', { name: 'Super Admin' })).toBeNull();
    await user.click(await screen.findByRole('option', { name: 'Editor' }));
    await user.clear(textbox('Priority'));
    await user.type(textbox('Priority'), '5');
    await user.click(screen.getByRole('button', { name: 'Create' }));
    await waitFor(() => expect(posted()).toHaveLength(1));
    expect(posted()[0]?.body).toMatchObject({ roleMappings: [{ groupName: 'Writers', roleId: 2, priority: 5 }] });
  });

  it('shows the server’s errors at their fields and its message on top', async () => {
    api.on('POST /connections', () =>
      error(400, 'Another connection has this name', [{ path: ['name'], message: 'This name is taken' }])
    );
    const { user } = openPanel('/connections/create');
    await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'Okta production');
    await user.click(screen.getByRole('button', { name: 'Create' }));
    expect(await screen.findByText('This name is taken')).toBeTruthy();
    expect(screen.getByText('Another connection has this name').closest('[role="alert"]')).toBeTruthy();
    expect(textbox('Name')).toHaveProperty('value', 'Okta production');
  });
});

it('the token is shown on the way from the form alone, not when the page is opened again', async () => {
  const { user, go } = openPanel('/connections/create');
  await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'Okta production');
  await user.click(screen.getByRole('button', { name: 'Create' }));
  expect(await screen.findByDisplayValue(TOKEN)).toBeTruthy();
  await go('/plugins/user-provisioning/connections');
  await go('/plugins/user-provisioning/connections/1');
  expect(await screen.findByRole('heading', { name: 'Okta production' })).toBeTruthy();
  expect(screen.queryByDisplayValue(TOKEN)).toBeNull();
});

describe('create an outbound connection', () => {
  it('starts with the direction of the link, and needs an address and a token', async () => {
    const { user } = openPanel('/connections/create?direction=outbound');
    await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'Wiki');
    await user.type(textbox('SCIM base URL'), 'wiki.example.com');
    await user.click(screen.getByRole('button', { name: 'Create' }));
    expect(await screen.findByText(/Enter a full address/)).toBeTruthy();
    expect(screen.getByText('Enter a value here.')).toBeTruthy();
    expect(posted()).toHaveLength(0);
  });

  it('sends the credential and goes on to the connection', async () => {
    api.on('POST /connections', () => data({ connection: outbound(), token: null }));
    const { user, address } = openPanel('/connections/create?direction=outbound');
    await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'Wiki');
    await user.type(textbox('SCIM base URL'), 'https://wiki.example.com/scim/v2');
    await user.type(screen.getByLabelText(/Bearer token/), 's3cret');
    await user.click(screen.getByRole('button', { name: 'Create' }));
    await waitFor(() => expect(address()).toBe('/plugins/user-provisioning/connections/2'));
    expect(posted()[0]?.body).toEqual({
      name: 'Wiki',
      direction: 'outbound',
      population: 'end-users',
      system: 'Wiki',
      preset: 'generic',
      enabled: true,
      baseUrl: 'https://wiki.example.com/scim/v2',
      bearerToken: 's3cret',
    });
    expect(await screen.findByRole('heading', { name: 'Wiki' })).toBeTruthy();
  });

  it('warns before the token is typed when it could not be saved', async () => {
    api
      .on('GET /status', () => data(status({ encryptionReady: false })))
      .on('POST /connections', () => error(400, 'Set ENCRYPTION_KEY and restart', [{ path: ['bearerToken'], message: 'Cannot be stored' }]));
    const { user } = openPanel('/connections/create?direction=outbound');
    expect(await screen.findByText('Strapi has no encryption key')).toBeTruthy();
    await user.type(textbox('Name'), 'Wiki');
    await user.type(textbox('SCIM base URL'), 'https://wiki.example.com/scim/v2');
    await user.type(screen.getByLabelText(/Bearer token/), 's3cret');
    await user.click(screen.getByRole('button', { name: 'Create' }));
    expect(await screen.findByText('Cannot be stored')).toBeTruthy();
    expect(screen.getByText('Set ENCRYPTION_KEY and restart')).toBeTruthy();
  });

  it('asks before unsaved changes are lost', async () => {
    const { user, address, go } = openPanel('/connections/create');
    await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'Wiki');
    await go('/plugins/user-provisioning/connections');
    await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Cancel' }));
    expect(address()).toContain('/connections/create');
    expect(textbox('Name')).toHaveProperty('value', 'Wiki');
    await go('/plugins/user-provisioning/connections');
    await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Confirm' }));
    await waitFor(() => expect(address()).toBe('/plugins/user-provisioning/connections'));
  });
});
