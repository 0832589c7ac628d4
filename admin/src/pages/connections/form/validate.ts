import type { FieldErrors } from '../../../utils/errors';
import type { Translate } from '../../../utils/i18n';
import type { ConnectionValues } from './values';

const isHttpUrl = (text: string): boolean => {
  try {
    return ['http:', 'https:'].includes(new URL(text).protocol);
  } catch {
    return false;
  }
};

/** What can be told without the server; it decides about the rest and about these too. */
export const validate = (values: ConnectionValues, needsToken: boolean, t: Translate): FieldErrors => {
  const errors: FieldErrors = {};
  const required = t('form.required', 'Enter a value here.');
  if (values.name.trim() === '') errors.name = required;

  if (values.direction === 'outbound') {
    if (values.baseUrl.trim() === '') errors.baseUrl = required;
    else if (!isHttpUrl(values.baseUrl.trim())) {
      errors.baseUrl = t('form.url', 'Enter a full address that starts with https:// (or http://).');
    }
    if (needsToken && values.bearerToken.trim() === '') errors.bearerToken = required;
    return errors;
  }

  const seen = new Set<string>();
  values.roleMappings.forEach(({ groupName, roleId }, index) => {
    const group = groupName.trim().toLowerCase();
    if (group === '') errors[`roleMappings.${index}.groupName`] = required;
    else if (seen.has(group)) {
      errors[`roleMappings.${index}.groupName`] = t('form.group-twice', 'This group already has a row.');
    }
    seen.add(group);
    if (roleId === null) errors[`roleMappings.${index}.roleId`] = t('form.role-required', 'Choose a role.');
  });
  return errors;
};
