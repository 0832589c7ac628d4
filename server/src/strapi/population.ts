import type { ChangeMarker } from '../ports/change-marker';
import type { AccountAdapter } from './accounts/account-adapter';
import type { AccountIndex } from './search/account-index';
import type { IdentityStore } from './identity-store';
import type { ExtensionSchema } from './extension/schema';
import type { StrapiDirectory } from './local-directory';

/** What belongs together for one population. */
export interface PopulationParts {
  accounts: AccountAdapter;
  identities: IdentityStore;
  directory: StrapiDirectory;
  index: AccountIndex;
  changes: ChangeMarker;
  schema: ExtensionSchema;
}
