/**
 * Requests that are meant to break a SCIM server: the same list is asserted by the tests and timed by the benchmark.
 * Nothing here is random, so that a failure can be sent again by hand.
 */

/**
 * `refused`: a 4xx answer in SCIM (501 where the endpoint is not offered). `finds-nothing`: refused, or a list without
 * a hit. `answered`: anything below 500, because the request is odd but allowed.
 */
export type Wanted = 'refused' | 'finds-nothing' | 'answered';

export interface HostileRequest {
  name: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Behind the SCIM root, already percent-encoded. */
  path: string;
  body?: string | Buffer;
  headers?: Record<string, string>;
  wanted: Wanted;
  /** Node itself answers (a request line above its limit): no SCIM body can be expected. */
  transport?: boolean;
}

/** What the requests aim at; both exist. */
export interface Probe {
  userId: string;
  groupId: string;
}

const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const BULK_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const SEARCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';

const MEGABYTES_5 = 5_000_000;
const DEEP = 10_000;

const clauses = (count: number, joined: string): string => Array.from({ length: count }, (_, index) => `userName eq "h${index}"`).join(` ${joined} `);

/** `{"a":{"a":...}}`, written as text: building it as objects would need the recursion it tests. */
const deepObject = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
const deepArray = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

const list = (name: string, filter: string, wanted: Wanted = 'refused'): HostileRequest => ({
  name: `filter: ${name}`,
  method: 'GET',
  path: `/Users?filter=${encodeURIComponent(filter)}`,
  wanted,
});

const search = (name: string, filter: string): HostileRequest => ({
  name: `.search: ${name}`,
  method: 'POST',
  path: '/Users/.search',
  body: JSON.stringify({ schemas: [SEARCH_SCHEMA], filter }),
  wanted: 'refused',
});

const post = (name: string, body: string | Buffer, wanted: Wanted = 'refused', headers?: Record<string, string>): HostileRequest => ({
  name: `POST user: ${name}`,
  method: 'POST',
  path: '/Users',
  body,
  wanted,
  ...(headers ? { headers } : {}),
});

/** A user whose one attribute is given as JSON text. */
const user = (attribute: string, json: string): string =>
  `{"schemas":["${USER_SCHEMA}"]${attribute === 'userName' ? '' : ',"userName":"hostile@example.com"'},${JSON.stringify(attribute)}:${json}}`;

const filters = (): HostileRequest[] => [
  list('400 comparisons', clauses(400, 'or')),
  { ...list('10,000 comparisons in the address', clauses(10_000, 'or')), transport: true },
  list('parentheses 2,000 deep', `${'('.repeat(2_000)}userName pr${')'.repeat(2_000)}`),
  list('not() 700 deep', `${'not ('.repeat(700)}userName pr${')'.repeat(700)}`),
  list('value paths in value paths', `${'emails['.repeat(500)}type eq "work"${']'.repeat(500)}`),
  list('an open string of backslashes', `userName eq "${'\\'.repeat(2_000)}`),
  list('quotes and backslashes', `userName eq "${'\\"'.repeat(1_000)}`),
  list('only blanks and an operator', `${' '.repeat(4_000)}eq`),
  list('an escaped NUL', 'userName eq "a\\u0000b"'),
  { name: 'filter: a raw NUL', method: 'GET', path: '/Users?filter=userName%20eq%20%22a%00b%22', wanted: 'refused' },
  list('a lone surrogate', 'userName eq "\\ud800"'),
  { name: 'filter: bytes that are no UTF-8', method: 'GET', path: '/Users?filter=userName%20eq%20%22%ff%fe%22', wanted: 'finds-nothing' },
  { name: 'filter: broken percent-encoding', method: 'GET', path: '/Users?filter=%E0%A4%A', wanted: 'refused' },
  { name: 'filter: given twice', method: 'GET', path: '/Users?filter=userName%20pr&filter=id%20pr', wanted: 'answered' },
  { name: 'filter: as an object of the query string', method: 'GET', path: '/Users?filter[userName]=x&filter[__proto__][polluted]=1', wanted: 'answered' },
  ...['__proto__ pr', '__proto__.polluted eq "x"', 'constructor.prototype eq "x"', 'name.__proto__ pr', 'emails[__proto__ eq "x"]', `${USER_SCHEMA}:__proto__ pr`, 'hasOwnProperty pr', 'toString pr'].map(
    (filter) => list(filter, filter, 'finds-nothing')
  ),
  ...[`userName eq "' or '1'='1"`, 'userName eq "x\\" or 1=1 --"', `userName co "'; drop table up_users; --"`, 'userName co "%"', 'userName sw "_"', 'userName ew "%"', 'userName co "\\\\%"', 'id eq "1 or 1=1"', `externalId eq "') union select 1 --"`, 'userName co "*"'].map(
    (filter) => list(filter, filter, 'finds-nothing')
  ),
  list('SQL behind the filter', 'userName eq "x"; drop table up_users; --'),
  list('a number beyond numbers', 'userName eq 1e999'),
  list('an impossible date', 'meta.created gt "9999999-13-45T99:99:99Z"'),
  ...['startIndex=abc', 'count=1e9', 'count=NaN', 'startIndex=0x10', 'count=%00'].map((query): HostileRequest => ({ name: `page: ${query}`, method: 'GET', path: `/Users?${query}`, wanted: 'refused' })),
  ...['startIndex=99999999999999999999999999', 'startIndex=-9223372036854775809&count=-1', 'attributes=__proto__,constructor,toString', 'excludedAttributes=__proto__.a', 'sortBy=__proto__.polluted', 'sortBy=constructor&sortOrder=__proto__', `cursor=';--`].map(
    (query): HostileRequest => ({ name: `query: ${query}`, method: 'GET', path: `/Users?${query}`, wanted: 'answered' })
  ),
  search('10,000 comparisons', clauses(10_000, 'or')),
  search('parentheses 10,000 deep', `${'('.repeat(DEEP)}userName pr${')'.repeat(DEEP)}`),
  search('a filter of 5 MB', `userName eq "${'x'.repeat(MEGABYTES_5)}"`),
  search('not() 10,000 deep', `${'not ('.repeat(DEEP)}userName pr${')'.repeat(DEEP)}`),
];

const addresses = (): HostileRequest[] => [
  ...['%00', '%ff%fe', '%ed%a0%80', '..%2f..%2fadmin', '%2e%2e%2f%2e%2e', "1'%20or%20'1'='1", '__proto__', 'constructor', 'x'.repeat(8_000), '%25', '%'].map(
    (id): HostileRequest => ({ name: `id: ${id.slice(0, 40)}`, method: 'GET', path: `/Users/${id}`, wanted: 'refused' })
  ),
  { name: 'id: DELETE %', method: 'DELETE', path: '/Users/%25', wanted: 'refused' },
  { name: 'address: __proto__', method: 'GET', path: '/__proto__', wanted: 'refused' },
  { name: 'address: 3,000 segments', method: 'GET', path: '/a'.repeat(3_000), wanted: 'refused' },
];

const users = (): HostileRequest[] => [
  post('an attribute 10,000 objects deep', user('displayName', deepObject(DEEP))),
  post('an unknown attribute 10,000 objects deep', user('hostile', deepObject(DEEP))),
  post('an attribute 10,000 arrays deep', user('emails', deepArray(DEEP))),
  post('an unknown attribute 10,000 arrays deep', user('hostile', deepArray(DEEP))),
  post('a body 10,000 arrays deep', deepArray(DEEP)),
  post('a body 100,000 objects deep', deepObject(100_000)),
  post('a userName of 5 MB', user('userName', `"${'x'.repeat(MEGABYTES_5)}"`)),
  post('a displayName of 5 MB', user('displayName', `"${'x'.repeat(MEGABYTES_5)}"`)),
  post('an unknown attribute of 5 MB', user('hostile', `"${'x'.repeat(MEGABYTES_5)}"`)),
  post('5 MB of blanks', `${' '.repeat(MEGABYTES_5)}{}`),
  post('100,000 e-mail addresses', user('emails', JSON.stringify(Array.from({ length: 100_000 }, (_, index) => ({ value: `h${index}@example.com` }))))),
  post('100,000 attributes', `{"userName":"hostile@example.com",${Array.from({ length: 100_000 }, (_, index) => `"a${index}":1`).join(',')}}`),
  post('10,000 schemas', `{"userName":"hostile@example.com","schemas":${JSON.stringify(Array.from({ length: 10_000 }, (_, index) => `urn:hostile:${index}`))}}`),
  ...['"a\\u0000b"', '"\\ud800"', '""', '"  "', '1', '1e400', 'null', 'true', '[]', '{}', '["a"]', `"${'x'.repeat(256)}"`].map((value) => post(`userName ${value.slice(0, 20)}`, user('userName', value))),
  post('NUL in an attribute that is only kept', user('title', '"a\\u0000b"')),
  post('a lone surrogate in an attribute that is only kept', user('title', '"\\udfff"')),
  post('NUL in externalId', user('externalId', '"a\\u0000b"')),
  post('an address with SQL', user('emails', `[{"value":"x'); drop table up_users; --"}]`)),
  post('bytes that are no UTF-8', Buffer.from('{"userName":"a\xff\xfe\xc0\xaf"}', 'latin1')),
  post('overlong UTF-8', Buffer.from('{"userName":"\xc0\x80\xed\xa0\x80"}', 'latin1')),
  ...['null', '1', '"x"', '[]', '[[]]', '{"userName":', '{"userName":"a"}}', 'NaN', '{userName:1}', '\u0000', '{"userName":"a\u0000b"}'].map((body) => post(`the body ${JSON.stringify(body)}`, body)),
  post('no body', ''),
  post('a compressed body', 'x', 'refused', { 'content-encoding': 'gzip' }),
  post('multipart', 'x', 'refused', { 'content-type': 'multipart/form-data; boundary=x' }),
  post('__proto__ as the user', '{"__proto__":{"userName":"hostile@example.com","polluted":"yes"}}'),
];

const patch = (name: string, target: string, body: string): HostileRequest => ({ name: `PATCH: ${name}`, method: 'PATCH', path: target, body, wanted: 'refused' });

const operations = (json: string): string => `{"schemas":["${PATCH_SCHEMA}"],"Operations":${json}}`;
const operation = (path: string, value: string, op = 'replace'): string => operations(`[{"op":"${op}","path":${JSON.stringify(path)},"value":${value}}]`);

const changes = ({ userId, groupId }: Probe): HostileRequest[] => {
  const onUser = `/Users/${userId}`;
  const onGroup = `/Groups/${groupId}`;
  return [
    patch('10,001 operations', onUser, operations(`[${Array(10_001).fill('{"op":"replace","path":"title","value":"x"}').join(',')}]`)),
    patch('no operations', onUser, operations('[]')),
    ...['null', '{}', '"x"', '[null]', '[[]]', '[1]', '[{"op":{}}]', '[{"op":"replace"}]', '[{"op":"remove"}]', '[{"op":"__proto__","path":"title","value":"x"}]', '[{"op":"replace","path":1,"value":"x"}]', '[{"op":"replace","path":{},"value":"x"}]'].map((json) =>
      patch(`Operations ${json}`, onUser, operations(json))
    ),
    ...['__proto__', '__proto__.polluted', 'constructor.prototype.polluted', 'constructor', 'name.__proto__', 'name.__proto__.polluted', 'name.constructor.prototype', 'emails[type eq "work"].__proto__', '__proto__[type eq "work"].polluted', 'emails[__proto__ eq "x"].value', `${USER_SCHEMA}:__proto__.polluted`].map((path) =>
      patch(`path ${path}`, onUser, operation(path, '"yes"'))
    ),
    ...['{"__proto__":{"polluted":"yes"}}', '{"constructor":{"prototype":{"polluted":"yes"}}}', '{"name.__proto__.polluted":"yes"}', '{"name":{"__proto__":{"polluted":"yes"}}}', `{"${USER_SCHEMA}:__proto__.polluted":"yes"}`].map((value) =>
      // Names that no attribute has are left out in silence: the state afterwards decides.
      ({ ...patch(`value ${value}`, onUser, operations(`[{"op":"add","value":${value}}]`)), wanted: 'answered' as const })
    ),
    patch('a path of 5 MB', onUser, operation('a'.repeat(MEGABYTES_5), '"x"')),
    patch('a path filter with 10,000 comparisons', onUser, operation(`emails[${clauses(10_000, 'or').replaceAll('userName', 'type')}].value`, '"x"')),
    patch('a path filter 10,000 deep', onUser, operation(`emails[${'('.repeat(DEEP)}type pr${')'.repeat(DEEP)}].value`, '"x"')),
    patch('a value 10,000 objects deep', onUser, operation('title', deepObject(DEEP))),
    patch('a pathless value 10,000 objects deep', onUser, operations(`[{"op":"add","value":{"hostile":${deepObject(DEEP)}}}]`)),
    patch('a value of 5 MB', onUser, operation('title', `"${'x'.repeat(MEGABYTES_5)}"`)),
    patch('100,000 e-mail addresses', onUser, operation('emails', JSON.stringify(Array.from({ length: 100_000 }, (_, index) => ({ value: `h${index}@example.com` }))), 'add')),
    patch('NUL in a value', onUser, operation('title', '"a\\u0000b"')),
    patch('a lone surrogate in a value', onUser, operation('displayName', '"\\ud800"')),
    patch('SQL as a member', onGroup, operation('members', `[{"value":"' or 1=1 --"}]`, 'add')),
    patch('100,000 members that do not exist', onGroup, operation('members', JSON.stringify(Array.from({ length: 100_000 }, (_, index) => ({ value: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}` }))), 'add')),
    patch('a member filter with 10,000 comparisons', onGroup, operations(`[{"op":"remove","path":${JSON.stringify(`members[${clauses(10_000, 'or').replaceAll('userName', 'value')}]`)}}]`)),
    patch('__proto__ as a member', onGroup, operation('members', '[{"value":"__proto__"}]', 'add')),
    patch('an unknown user', '/Users/00000000-0000-4000-8000-000000000000', operation('active', 'false')),
    { name: 'PUT: a user 10,000 objects deep', method: 'PUT', path: onUser, body: user('name', deepObject(DEEP)), wanted: 'refused' },
    { name: 'PUT: without userName', method: 'PUT', path: onUser, body: `{"schemas":["${USER_SCHEMA}"]}`, wanted: 'refused' },
    { name: 'PUT: a group 10,000 arrays deep', method: 'PUT', path: onGroup, body: `{"displayName":"x","members":${deepArray(DEEP)}}`, wanted: 'refused' },
  ];
};

const bulk = (name: string, body: string, wanted: Wanted = 'refused'): HostileRequest => ({ name: `Bulk: ${name}`, method: 'POST', path: '/Bulk', body, wanted });

const bulks = (): HostileRequest[] => {
  const of = (json: string): string => `{"schemas":["${BULK_SCHEMA}"],"Operations":${json}}`;
  return [
    bulk('10,001 operations', of(`[${Array.from({ length: 10_001 }, (_, index) => `{"method":"DELETE","path":"/Users/${index}"}`).join(',')}]`)),
    bulk('Operations is an object', of('{}')),
    bulk('100,000 objects deep', of(`[${deepObject(100_000)}]`)),
    bulk('paths outside', of('[{"method":"DELETE","path":"/../../admin"},{"method":"POST","bulkId":"__proto__","path":"/Users","data":{"userName":"bulkId:__proto__","emails":"x"}}]'), 'answered'),
    bulk('references in a ring of users', of('[{"method":"PATCH","path":"/Users/bulkId:a","bulkId":"a","data":{}},{"method":"PATCH","path":"/Users/bulkId:a","bulkId":"b","data":{}}]'), 'answered'),
  ];
};

/** Every hostile request. None of them may change anything. */
export const hostileRequests = (probe: Probe): HostileRequest[] => [...filters(), ...addresses(), ...users(), ...changes(probe), ...bulks()];
