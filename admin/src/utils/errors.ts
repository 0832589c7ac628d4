/** Field path (`roleMappings.0.groupName`) -> message. */
export type FieldErrors = Record<string, string>;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** The field errors of a Strapi validation error, empty for any other error. */
export const fieldErrorsOf = (error: unknown): FieldErrors => {
  const details = isRecord(error) && isRecord(error.details) ? error.details : {};
  const list: unknown[] = Array.isArray(details.errors) ? details.errors : [];
  const result: FieldErrors = {};
  for (const entry of list) {
    if (!isRecord(entry) || !Array.isArray(entry.path) || typeof entry.message !== 'string') continue;
    const path = entry.path.join('.');
    if (path !== '') result[path] ??= entry.message;
  }
  return result;
};

export const messageOf = (error: unknown): string | null =>
  isRecord(error) && typeof error.message === 'string' && error.message !== '' ? error.message : null;

export const statusOf = (error: unknown): number | null =>
  isRecord(error) && typeof error.status === 'number' ? error.status : null;
