import type { Core } from '@strapi/types';
import type { AttributeInfo, Population } from '../../contracts/connection';
import { extensionFields, leftOutFields, type AccountUid, type LeftOutField } from '../../strapi/extension/fields';
import { refuseField } from './validation';

const UIDS: Readonly<Record<Population, AccountUid>> = { 'end-users': 'plugin::users-permissions.user', 'admin-users': 'admin::user' };

/** What a site added to its users: first what a connection can be allowed to write, then what none can, and why. */
export function attributesOf(strapi: Core.Strapi, population: Population, writable: readonly string[]): AttributeInfo[] {
  const uid = UIDS[population];
  return [
    ...extensionFields(strapi, uid).map(({ name, strapiType, required, component }) => ({
      name,
      type: strapiType,
      multiValued: component?.repeatable ?? false,
      required,
      writable: writable.includes(name),
      locked: null,
    })),
    ...leftOutFields(strapi, uid).flatMap(({ name, strapiType, reason }) =>
      reason === 'own' ? [] : [{ name, type: strapiType, multiValued: false, required: false, writable: false, locked: reason }]
    ),
  ];
}

/** Refuses names that no connection may write: stored, they would be permissions for a field that comes later. */
export function checkWritable(strapi: Core.Strapi, population: Population, names: readonly string[]): void {
  if (names.length === 0) return;
  const allowed = new Set(extensionFields(strapi, UIDS[population]).map((field) => field.name));
  const leftOut = leftOutFields(strapi, UIDS[population]);
  names.forEach((name, index) => {
    if (allowed.has(name)) return;
    refuseField(`policies.writableAttributes.${index}`, whyNot(name, leftOut.find((field) => field.name === name), population));
  });
}

function whyNot(name: string, field: LeftOutField | undefined, population: Population): string {
  switch (field?.reason) {
    case 'own':
      return `“${name}” is a field of Strapi itself, which a provider reaches by the attributes of SCIM or not at all. Leave it out.`;
    case 'private':
      return `“${name}” is private, so no provider sees it. Leave it out, or take “private” off the field in the content type.`;
    case 'secret':
      return `“${name}” sounds like a secret, so no provider sees it. Leave it out, or rename the field.`;
    case 'type':
      return `“${name}” is of the type ${field.strapiType}, for which SCIM has no form. Leave it out.`;
    case 'name':
      return `SCIM does not allow the name “${name}”, or has it already in another case. Leave it out, or rename the field.`;
    default:
      return `${population === 'end-users' ? 'End users' : 'Admin users'} have no field “${name}”. Leave it out, or add the field to the content type first.`;
  }
}
