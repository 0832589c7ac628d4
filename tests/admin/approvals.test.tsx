import { screen, waitFor, within } from '@testing-library/react';
import { ACTIONS } from '../../server/src/contracts/permissions';
import type { PendingApproval, PendingApprovals } from '../../server/src/contracts/connection';
import { inbound, status } from './helpers/fixtures';
import { openPanel } from './helpers/render';
import { grant, grantAll } from './helpers/rights';
import { data, error, fakeApi, type FakeApi } from './helpers/server';

jest.mock('@strapi/strapi/admin', () => jest.requireActual('./helpers/rights').adminWithRights());

const person = (overrides: Partial<PendingApproval> = {}): PendingApproval => ({
  accountId: 7, id: 'scim-7', userName: 'ada', email: 'ada@example.com', attempt: 'update', attempts: 1,
  since: '2026-01-02T10:00:00.000Z', lastAt: '2026-01-02T10:00:00.000Z', obstacle: null, ...overrides,
});

const PATH = '/connections/1/approvals';
const TITLE = 'People waiting for approval';

let api: FakeApi;

beforeEach(() => {
  grantAll();
  api = fakeApi()
    .on('GET /status', () => data(status()))
    .on('GET /connections', () => data([]))
    .on('GET /roles', () => data([]))
    .on('GET /connections/1', () => data(inbound({ population: 'admin-users' })));
});

const open = async (answer: Partial<PendingApprovals>) => {
  api.on(`GET ${PATH}`, () => data({ people: [], more: false, mayApprove: true, ...answer }));
  const panel = openPanel('/connections/1');
  await screen.findByRole('heading', { name: 'Rules' });
  return panel;
};

const list = () => screen.findByRole('list', { name: TITLE });

it('is not there while nobody waits', async () => {
  await open({});
  await waitFor(() => expect(api.to(`GET ${PATH}`)).toHaveLength(1));
  expect(screen.queryByRole('heading', { name: TITLE })).toBeNull();
});

it('says who waits, what the provider tried, and how often', async () => {
  await open({ people: [person({ attempts: 3 }), person({ id: 'scim-8', accountId: 8, userName: 'bo@example.com', email: 'bo@example.com', attempt: 'group' })], more: true });
  const [ada, bo] = within(await list()).getAllByRole('listitem');
  for (const text of ['ada', 'ada@example.com', 'The provider found the account and wanted to change it.', '3 attempts']) expect(ada?.textContent).toContain(text);
  expect(bo?.textContent).toContain('The person is in a group of the provider that gives a role.');
  expect(bo?.textContent?.split('bo@example.com')).toHaveLength(2);
  expect(screen.getByText(/^There are more\./)).toBeTruthy();
});

it('approves after it said what that means, and shows the result', async () => {
  const { user } = await open({ people: [person()] });
  await user.click(await screen.findByRole('button', { name: 'Approve ada' }));
  const dialog = within(await screen.findByRole('alertdialog', { name: 'Hand ada over to "Okta production"?' }));
  expect(dialog.getByText(/may change, block and delete this account/)).toBeTruthy();
  expect(api.to('POST /connections/1/links')).toEqual([]);
  api.on('POST /connections/1/links', () => data({ id: 'scim-7', userName: 'ada' })).on(`GET ${PATH}`, () => data({ people: [], more: false, mayApprove: true }));
  await user.click(dialog.getByRole('button', { name: 'Confirm' }));
  const done = await screen.findByText('Approved: ada');
  expect(api.to('POST /connections/1/links')[0]?.body).toEqual({ accountId: 7 });
  await waitFor(() => expect(screen.queryByRole('list', { name: TITLE })).toBeNull());
  // The pressed button is gone: who is on the keyboard stands at the result.
  await waitFor(() => expect(document.activeElement?.contains(done)).toBe(true));
  expect(document.activeElement).not.toBe(document.body);
});

it('says why it was refused, and asks again who waits', async () => {
  const { user } = await open({ people: [person()] });
  api.on('POST /connections/1/links', () => error(400, 'ada is managed by a connection already.'));
  await user.click(await screen.findByRole('button', { name: 'Approve ada' }));
  api.on(`GET ${PATH}`, () => data({ people: [], more: false, mayApprove: true }));
  await user.click(await screen.findByRole('button', { name: 'Confirm' }));
  expect(await screen.findByText('ada is managed by a connection already.')).toBeTruthy();
  await waitFor(() => expect(screen.queryByRole('heading', { name: TITLE })).toBeNull());
});

it('offers nothing where nobody can approve, and says why', async () => {
  await open({ people: [person({ obstacle: 'ada is a super admin.' })] });
  expect((await list()).textContent).toContain('It cannot be approved: ada is a super admin.');
  expect(screen.queryByRole('button', { name: 'Approve ada' })).toBeNull();
});

it('tells whoever is no super admin to ask one', async () => {
  await open({ people: [person()], mayApprove: false });
  await list();
  expect(screen.getByText(/^Only a super admin can approve\./)).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Approve ada' })).toBeNull();
});

it('does not ask where the person may not read the log', async () => {
  grant(ACTIONS.connectionsRead, ACTIONS.connectionsUpdate);
  await open({ people: [person()] });
  expect(api.to(`GET ${PATH}`)).toEqual([]);
});

it('says that it could not be loaded, with a way to try again', async () => {
  api.on(`GET ${PATH}`, () => error(500, 'Out of order'));
  const { user } = openPanel('/connections/1');
  expect(await screen.findByText('This could not be loaded: Out of order')).toBeTruthy();
  api.on(`GET ${PATH}`, () => data({ people: [person()], more: false, mayApprove: true }));
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await list()).toBeTruthy();
});
