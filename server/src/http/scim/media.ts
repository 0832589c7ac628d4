const JSON_TYPES = new Set(['application/scim+json', 'application/json']);
/** JSON is UTF-8 (RFC 8259 section 8.1), of which US-ASCII is a part; what is announced as something else would be misread. */
const CHARSETS = new Set(['utf-8', 'utf8', 'us-ascii']);

/** Whether a body of this content type can be read; without a type it depends on whether there is a body. */
export function isReadable(contentType: string): boolean {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  if (type === '') return parameters.length === 0;
  return JSON_TYPES.has(type) && parameters.every((parameter) => {
    const [name = '', value = ''] = parameter.split('=').map((part) => part.trim());
    return name !== 'charset' || CHARSETS.has(value.replace(/^"(.*)"$/, '$1'));
  });
}
