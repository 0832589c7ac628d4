/** The site-wide pause, as the admin API takes and shows it. */

export interface Maintenance {
  paused: boolean;
  /** ISO 8601; null while it is not paused. */
  since: string | null;
  /** Shown to admins, never to providers. */
  reason: string;
}

/** `PUT /maintenance` */
export interface MaintenanceInput {
  paused: boolean;
  reason?: string;
}

/**
 * Why a connection writes nothing until a person has looked: the encryption key is another one (`encryption-key`), the database
 * went back to an earlier state or is another site's (`restored`), or an admin asked for it (`requested`).
 */
export const REVIEW_REASONS = ['encryption-key', 'restored', 'requested'] as const;
export type ReviewReason = (typeof REVIEW_REASONS)[number];
