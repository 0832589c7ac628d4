import type { Core } from '@strapi/types';
import type { AttributeLock } from '../../contracts/connection';
import { isAttributeName } from '../../scim/filter/path';
import type { AttributeType } from '../../scim/schema/definition';
import { isUnsafeName } from '../../scim/schema/json';

export type AccountUid = 'plugin::users-permissions.user' | 'admin::user';

/** A field of the user content type, or of a component in it, that SCIM can carry. */
export interface ExtensionField {
  name: string;
  /** Strapi's name of the type. */
  strapiType: string;
  scimType: AttributeType;
  /** Strapi wants a value and has none to fall back on. */
  required: boolean;
  unique: boolean;
  canonicalValues: readonly string[] | null;
  component: { uid: string; repeatable: boolean; fields: readonly ExtensionField[] } | null;
}

/** As Strapi's models hold them; only what is read here. */
interface ModelAttribute {
  type: string;
  private?: boolean;
  required?: boolean;
  unique?: boolean;
  default?: unknown;
  enum?: string[];
  component?: string;
  repeatable?: boolean;
}

/** JSON, relations, media, dynamic zones and types of unknown custom fields have no form in SCIM and are left out. */
const SCIM_TYPES: Readonly<Record<string, AttributeType>> = {
  string: 'string',
  text: 'string',
  richtext: 'string',
  email: 'string',
  uid: 'string',
  enumeration: 'string',
  // A JSON number has 53 bits: longer ones would lose digits on their way.
  biginteger: 'string',
  date: 'string',
  time: 'string',
  datetime: 'dateTime',
  timestamp: 'dateTime',
  integer: 'integer',
  float: 'decimal',
  decimal: 'decimal',
  boolean: 'boolean',
};

const SYSTEM = new Set(['id', 'documentId', 'createdAt', 'updatedAt', 'publishedAt', 'locale', 'createdBy', 'updatedBy', 'localizations']);

/** Core SCIM attributes, and what decides who may sign in and how: never to be read or written as plain data. */
const OWN: Readonly<Record<AccountUid, ReadonlySet<string>>> = {
  'plugin::users-permissions.user': new Set([
    'username', 'email', 'provider', 'confirmed', 'blocked', 'role', 'password', 'resetPasswordToken', 'confirmationToken',
  ]),
  'admin::user': new Set([
    'username', 'email', 'firstname', 'lastname', 'isActive', 'blocked', 'roles', 'apiTokens',
    'password', 'resetPasswordToken', 'resetPasswordTokenExpiresAt', 'registrationToken',
  ]),
};

const SECRET_WORDS = new Set(['password', 'passwd', 'token', 'secret', 'apikey']);

/** A site may have forgotten to make `inviteToken` private. */
const soundsSecret = (name: string): boolean =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .some((word) => SECRET_WORDS.has(word));

/** A field of a content type that is no attribute of SCIM. `own`: Strapi's, with a meaning of its own. */
export interface LeftOutField {
  name: string;
  strapiType: string;
  reason: 'own' | AttributeLock;
}

/** The fields of the extension schema of a population, in the order of the content type. Also what a site added. */
export function extensionFields(strapi: Core.Strapi, uid: AccountUid): ExtensionField[] {
  return examine(strapi, uid, OWN[uid], true).fields;
}

/** The other fields of the same content type. */
export function leftOutFields(strapi: Core.Strapi, uid: AccountUid): LeftOutField[] {
  return examine(strapi, uid, OWN[uid], true).leftOut;
}

function examine(
  strapi: Core.Strapi,
  uid: string,
  own: ReadonlySet<string>,
  withComponents: boolean
): { fields: ExtensionField[]; leftOut: LeftOutField[] } {
  const model = strapi.getModel(uid as never) as { attributes: Record<string, ModelAttribute> } | undefined;
  const fields: ExtensionField[] = [];
  const leftOut: LeftOutField[] = [];
  for (const [name, attribute] of Object.entries(model?.attributes ?? {})) {
    const leaveOut = (reason: LeftOutField['reason']): void => void leftOut.push({ name, strapiType: attribute.type, reason });
    if (SYSTEM.has(name) || own.has(name)) leaveOut('own');
    else if (attribute.private === true) leaveOut('private');
    else if (soundsSecret(name)) leaveOut('secret');
    else {
      const field = fieldOf(strapi, name, attribute, withComponents);
      const sameName = fields.some((other) => other.name.toLowerCase() === name.toLowerCase());
      if (field === null) leaveOut('type');
      else if (!isAttributeName(name) || isUnsafeName(name) || sameName) leaveOut('name');
      else fields.push(field);
    }
  }
  return { fields, leftOut };
}

function fieldOf(strapi: Core.Strapi, name: string, attribute: ModelAttribute, withComponents: boolean): ExtensionField | null {
  const field = { name, strapiType: attribute.type, unique: attribute.unique === true || attribute.type === 'uid', canonicalValues: attribute.enum ?? null };
  const required = attribute.required === true && attribute.default === undefined;
  if (attribute.type !== 'component') {
    const scimType = SCIM_TYPES[attribute.type];
    return scimType === undefined ? null : { ...field, scimType, required, component: null };
  }
  // A complex attribute has simple sub-attributes only (RFC 7643 section 2.3.8).
  if (!withComponents || attribute.component === undefined) return null;
  const { fields } = examine(strapi, attribute.component, new Set(), false);
  if (fields.length === 0) return null;
  return { ...field, scimType: 'complex', required, component: { uid: attribute.component, repeatable: attribute.repeatable === true, fields } };
}
