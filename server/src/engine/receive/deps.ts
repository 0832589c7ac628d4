import type { Clock, IdSource } from '../../ports/clock';
import type { ChangeMarker } from '../../ports/change-marker';
import type { DepartureStore } from '../../ports/departure-store';
import type { Erasure } from '../../ports/erasure';
import type { ConnectionStore } from '../../ports/connection-store';
import type { GrantStore } from '../../ports/grant-store';
import type { GroupStore } from '../../ports/group-store';
import type { LinkStore } from '../../ports/link-store';
import type { LocalDirectory } from '../../ports/local-directory';
import type { OperationLog } from '../../ports/operation-log';
import type { OriginContext } from '../../ports/origin';
import type { ResourceSearch, SearchIndex } from '../../ports/search';
import type { UnitOfWork } from '../../ports/unit-of-work';
import type { Population } from '../../contracts/connection';
import type { PushedGuard } from '../guard/pushed-guard';
import type { PipelineDeps } from '../pipeline';

/** What receiving a provider's requests needs. */
export interface ReceiveDeps extends PipelineDeps {
  clock: Clock;
  ids: IdSource;
  log: OperationLog;
  unitOfWork: UnitOfWork;
  origin: OriginContext;
  connections: ConnectionStore;
  links: LinkStore;
  groups: GroupStore;
  grants: GrantStore;
  changes: ChangeMarker;
  departures: DepartureStore;
  erasure: Erasure;
  search: ResourceSearch;
  index: SearchIndex;
  /** Left out: nothing is counted or held. */
  guard?: PushedGuard;
  directoryOf(population: Population): LocalDirectory;
}
