import { OAuthError, parseTokenRequest } from '../../../server/src/http/scim/oauth/request';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const grant = { grant_type: 'client_credentials' };

function codeOf(form: unknown, authorization = ''): string {
  try {
    parseTokenRequest(form, authorization);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return `${error.status} ${error.code}`;
  }
}

describe('parseTokenRequest', () => {
  it.each([
    ['in the body', { ...grant, client_id: 'c', client_secret: 's' }, ''],
    ['in the header', grant, basic('c:s')],
    ['in the header, the id in the body too', { ...grant, client_id: 'c' }, basic('c:s')],
  ])('takes credentials %s', (_where, form, authorization) => {
    expect(parseTokenRequest(form, authorization)).toEqual({ credentials: { clientId: 'c', secret: 's' }, scopes: [] });
  });

  it('undoes the form encoding of the header, and splits at the first colon', () => {
    expect(parseTokenRequest(grant, basic('a%3Ab+c:s%25:t')).credentials).toEqual({ clientId: 'a:b c', secret: 's%:t' });
  });

  it('splits scopes at spaces', () => {
    expect(parseTokenRequest({ ...grant, scope: 'users  groups ' }, basic('c:s')).scopes).toEqual(['users', 'groups']);
  });

  it.each([
    [null, '', '400 invalid_request'],
    [{ client_id: 'c', client_secret: 's' }, '', '400 invalid_request'],
    [{ grant_type: ['client_credentials', 'client_credentials'] }, basic('c:s'), '400 invalid_request'],
    [{ ...grant, scope: { a: 'users' } }, basic('c:s'), '400 invalid_request'],
    [{ grant_type: 'password' }, basic('c:s'), '400 unsupported_grant_type'],
    [grant, '', '401 invalid_client'],
    [{ ...grant, client_id: 'c' }, '', '401 invalid_client'],
    [grant, 'Bearer abc', '401 invalid_client'],
    [grant, basic('no colon'), '401 invalid_client'],
    [grant, basic('c:%E0%A4%A'), '401 invalid_client'],
    [{ ...grant, client_secret: 's' }, basic('c:s'), '400 invalid_request'],
    [{ ...grant, client_id: 'd' }, basic('c:s'), '400 invalid_request'],
  ])('%j with %j is %s', (form, authorization, code) => {
    expect(codeOf(form, authorization)).toBe(code);
  });
});
