import { isReadable } from '../../../server/src/http/scim/media';

it.each([
  '', 'application/scim+json', 'application/json', 'Application/SCIM+JSON; Charset=UTF-8', 'application/json;charset="utf-8"', 'application/json; charset=utf8',
  'application/scim+json; charset=us-ascii', 'application/json; profile=x',
])('is read: %j', (type) => expect(isReadable(type)).toBe(true));

it.each([
  'application/scim+json; charset=utf-16', 'application/json; charset="UTF-16LE"', 'application/json;profile=x; charset = iso-8859-1', 'application/json; charset=', 'application/json; charset',
  'application/json; charset=utf-8; charset=utf-16', 'text/plain', 'multipart/form-data; boundary=x', 'application/jsonx', ';charset=utf-8',
])('is not read: %j', (type) => expect(isReadable(type)).toBe(false));
