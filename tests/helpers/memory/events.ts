import type { EventName, EventPayloads } from '../../../server/src/contracts/events';
import type { EventSink } from '../../../server/src/ports/events';
import type { UnitOfWork } from '../../../server/src/ports/unit-of-work';

export class MemoryEvents implements EventSink {
  readonly heard: [EventName, EventPayloads[EventName]][] = [];

  constructor(private readonly unitOfWork: Pick<UnitOfWork, 'afterCommit'>) {}

  async emit<N extends EventName>(name: N, payload: EventPayloads[N]): Promise<void> {
    await this.unitOfWork.afterCommit(() => void this.heard.push([name, payload]));
  }
}
