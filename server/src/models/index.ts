import { counter, flag, id, integer, json, laterFlag, requiredInteger, requiredText, requiredTime, text, time } from './columns';

/**
 * The plugin's tables: internal models of Strapi, so that schema sync creates and keeps them, with real unique keys and
 * no place in the Content Manager. Attribute names are the column names.
 *
 * Removing a model from this list drops its table on the next boot.
 */
const uid = (name: string): string => `plugin::user-provisioning.${name}`;

interface Index {
  columns: string[];
  unique?: boolean;
}

const model = (name: string, tableName: string, attributes: Record<string, unknown>, indexes: Record<string, Index>) => ({
  uid: uid(name),
  singularName: name,
  tableName,
  // Strapi writes the column's name into the attribute: each column needs an object of its own.
  attributes: Object.fromEntries(Object.entries({ id, ...attributes }).map(([column, attribute]) => [column, structuredClone(attribute)])),
  indexes: Object.entries(indexes).map(([suffix, index]) => ({
    name: `${tableName}_${suffix}`,
    columns: index.columns,
    ...(index.unique ? { type: 'unique' as const } : {}),
  })),
});

export const TABLES = {
  connections: 'provisioning_connections',
  mappings: 'provisioning_mappings',
  tokens: 'provisioning_tokens',
  identities: 'provisioning_identities',
  signInNames: 'provisioning_sign_in_names',
  links: 'provisioning_links',
  seals: 'provisioning_log_seals',
  groups: 'provisioning_groups',
  members: 'provisioning_members',
  grants: 'provisioning_grants',
  departures: 'provisioning_departures',
  assignments: 'provisioning_assignments',
  standings: 'provisioning_standings',
  pushedMembers: 'provisioning_pushed_members',
  values: 'provisioning_values',
  guardCounts: 'provisioning_guard_counts',
  holds: 'provisioning_holds',
  heldObjects: 'provisioning_held_objects',
  outbox: 'provisioning_outbox',
  schedules: 'provisioning_schedules',
  firings: 'provisioning_firings',
  targetHealth: 'provisioning_target_health',
  runs: 'provisioning_runs',
  planItems: 'provisioning_plan_items',
  planMembers: 'provisioning_plan_members',
  transitions: 'provisioning_transitions',
  transitionItems: 'provisioning_transition_items',
  operations: 'provisioning_operations',
} as const;

export const models = [
  model(
    'connection',
    TABLES.connections,
    {
      key: requiredText,
      name: requiredText,
      direction: requiredText,
      population: requiredText,
      system: requiredText,
      preset: requiredText,
      enabled: flag,
      /** Inbound: `pull` where we ask for the people; null: the provider pushes them. */
      source: text,
      target_url: text,
      /** Ciphertext of Strapi's encryption service; never plain text. */
      credential: json,
      default_role_id: integer,
      role_mappings: json,
      policies: json,
      /** Outbound: which version of its mapping holds; null: the preset's rules. */
      mapping_version: integer,
      /** Of outbound connections: scope, what happens to leavers, switches. */
      outbound: json,
      /** What differs from the default limits. */
      guard: json,
      /** 0: everybody has to be looked at anew, by a run that was not started yet. Null: nothing has to. */
      requeue_after: integer,
      /** A ReviewReason: nothing is sent until a person has looked. Null: it works. */
      review: text,
      created_at: requiredTime,
      updated_at: requiredTime,
    },
    { key: { columns: ['key'], unique: true } }
  ),
  /** Every mapping that was published: who, when, what. Never changed, so that each can be looked at and taken back. */
  model(
    'mapping',
    TABLES.mappings,
    {
      connection_id: requiredInteger,
      version: requiredInteger,
      /** Null: the preset's rules were chosen again. */
      rules: json,
      published_by: requiredText,
      created_at: requiredTime,
    },
    { version: { columns: ['connection_id', 'version'], unique: true } }
  ),
  model(
    'token',
    TABLES.tokens,
    {
      connection_id: requiredInteger,
      name: requiredText,
      hash: requiredText,
      /** Which HMAC key made the hash: after a change of the key the token is known to be unusable, not wrong. */
      key_id: requiredText,
      hint: requiredText,
      /** `bearer`, `client` (OAuth 2.0 client credentials) or `access` (issued to a client). Null: `bearer`. */
      kind: text,
      /** Of a `client`; of an `access` token the client it was issued to. */
      client_id: text,
      scopes: json,
      allowed_ips: json,
      created_at: requiredTime,
      expires_at: time,
      last_used_at: time,
    },
    {
      hash: { columns: ['hash'], unique: true },
      connection: { columns: ['connection_id'] },
      client: { columns: ['client_id'] },
    }
  ),
  /** One row per account of a population, also for accounts nobody provisioned. */
  model(
    'identity',
    TABLES.identities,
    {
      population: requiredText,
      /** Null once the account is gone: the SCIM id stays taken for ever. */
      account_id: integer,
      scim_id: requiredText,
      user_name: text,
      /** Null where a second account of Strapi has the same name in another case: only one can be found by it. */
      user_name_norm: text,
      email_norm: text,
      /** The role provisioning set last (end users): another present role means a person chose it. */
      applied_role_id: integer,
      /** Fingerprint of the account as it was last seen; the sweep compares it. */
      fingerprint: text,
      /** `departed`: the account is kept (blocked, anonymised), the SCIM resource is gone. Null: it lives. */
      state: text,
      /** SCIM id the account had before its person left and came back. */
      predecessor: text,
      version: counter,
      /** Which index of values it is in; another one or none: the sweep makes it anew. */
      indexed: integer,
      created_at: requiredTime,
      updated_at: requiredTime,
    },
    {
      account: { columns: ['population', 'account_id'], unique: true },
      scim_id: { columns: ['scim_id'], unique: true },
      user_name: { columns: ['population', 'user_name_norm'], unique: true },
      email: { columns: ['population', 'email_norm'] },
      /** Holds all that paging and counting look at. */
      live: { columns: ['population', 'state', 'id', 'account_id'] },
      modified: { columns: ['population', 'updated_at'] },
    }
  ),
  /**
   * Which account holds which name that Strapi signs in by, user names and e-mail addresses alike: the unique key that no
   * two creations at the same moment can pass. An address that accounts share is held by one of them at most.
   */
  model(
    'sign-in-name',
    TABLES.signInNames,
    { population: requiredText, norm: requiredText, account_id: requiredInteger },
    {
      name: { columns: ['population', 'norm'], unique: true },
      account: { columns: ['population', 'account_id'] },
    }
  ),
  model(
    'link',
    TABLES.links,
    {
      connection_id: requiredInteger,
      object_type: requiredText,
      /** SCIM id on the Strapi side. */
      local_id: requiredText,
      /** Outbound: id at the target. Null for a link of an inbound connection. */
      remote_id: text,
      /** Inbound: the provider's externalId. */
      external_id: text,
      /** Inbound: the resource as the provider wrote it, for the attributes Strapi has no field for. */
      kept: json,
      /** Outbound: the resource as last written to the target. */
      snapshot: json,
      hash: text,
      state: requiredText,
      /** Outbound: fingerprints of differences that the application may keep, or was told of. */
      drift: json,
      /** Pulled, or outbound and read: the read that saw it last, in how many complete reads since it was missing, and the last of those. */
      seen_cycle: time,
      missed: integer,
      missed_cycle: time,
      created_at: requiredTime,
      updated_at: requiredTime,
    },
    {
      local: { columns: ['connection_id', 'object_type', 'local_id'], unique: true },
      external: { columns: ['connection_id', 'object_type', 'external_id'], unique: true },
      remote: { columns: ['connection_id', 'object_type', 'remote_id'], unique: true },
      by_local: { columns: ['local_id'] },
    }
  ),
  model(
    'group',
    TABLES.groups,
    {
      connection_id: requiredInteger,
      scim_id: requiredText,
      display_name: requiredText,
      display_name_norm: requiredText,
      /** The normalised name where the connection wants names to be unique; null where it does not. */
      unique_name_norm: text,
      external_id: text,
      kept: json,
      version: counter,
      /** Pulled: as of links. */
      hash: text,
      seen_cycle: time,
      missed: integer,
      missed_cycle: time,
      /** As with identities. */
      indexed: integer,
      created_at: requiredTime,
      updated_at: requiredTime,
    },
    {
      scim_id: { columns: ['scim_id'], unique: true },
      name: { columns: ['connection_id', 'display_name_norm'] },
      unique_name: { columns: ['connection_id', 'unique_name_norm'], unique: true },
      external: { columns: ['connection_id', 'external_id'], unique: true },
    }
  ),
  model(
    'member',
    TABLES.members,
    { group_id: requiredInteger, member_type: requiredText, member_id: requiredText },
    {
      member: { columns: ['group_id', 'member_type', 'member_id'], unique: true },
      by_member: { columns: ['member_id'] },
      // Pages of a large group.
      by_age: { columns: ['group_id', 'id'] },
    }
  ),
  /** Which connection's group gives which role to whom: authority to take a role away is read from here. */
  model(
    'grant',
    TABLES.grants,
    {
      identity_id: requiredText,
      role_id: requiredInteger,
      connection_id: requiredInteger,
      /** 0: the user's own `roles` attribute, no group. */
      group_id: requiredInteger,
      priority: requiredInteger,
      /** A RoleMode; null: `authoritative`. Only those are taken back. */
      mode: text,
    },
    {
      grant: { columns: ['identity_id', 'role_id', 'connection_id', 'group_id'], unique: true },
      by_group: { columns: ['group_id'] },
      by_role: { columns: ['role_id'] },
    }
  ),
  /**
   * Accounts whose person left and that are kept, for a while or for good. One row per account; `due_at` null: nothing is
   * left to do. The external id finds them again when the person is hired again.
   */
  model(
    'departure',
    TABLES.departures,
    {
      connection_id: requiredInteger,
      population: requiredText,
      account_id: requiredInteger,
      scim_id: requiredText,
      external_id: text,
      /** What made it: `deactivate` or `delete`. */
      event: requiredText,
      action: requiredText,
      /** Name and address before the tombstone, for as long as the grace period lasts. */
      original: json,
      due_at: time,
      created_at: requiredTime,
    },
    {
      account: { columns: ['population', 'account_id'], unique: true },
      external: { columns: ['connection_id', 'external_id'] },
      person: { columns: ['scim_id'] },
      due: { columns: ['due_at'] },
    }
  ),
  /** People whom an admin assigned to an outbound connection by hand. */
  model(
    'assignment',
    TABLES.assignments,
    { connection_id: requiredInteger, local_id: requiredText, assigned_at: requiredTime },
    {
      person: { columns: ['connection_id', 'local_id'], unique: true },
      by_local: { columns: ['local_id'] },
    }
  ),
  /** People who take no part in an outbound connection, or not in every operation: why, and until when they are spared. */
  model(
    'standing',
    TABLES.standings,
    {
      connection_id: requiredInteger,
      local_id: requiredText,
      /** A LeavingEvent; null: held back by a switch. */
      event: text,
      reason: { type: 'text', column: { notNullable: true } },
      since: requiredTime,
      wake_at: time,
      /** The LeavingAction that the application was told. */
      done: text,
    },
    {
      person: { columns: ['connection_id', 'local_id'], unique: true },
      by_local: { columns: ['local_id'] },
      wake: { columns: ['wake_at'] },
    }
  ),
  /**
   * Who is to be in which group at an application, and who is there as far as was sent. `group_key`: `role:3` or a group's SCIM
   * id. What is `pending` is sent; so a change of one member never reads the others.
   */
  model(
    'pushed-member',
    TABLES.pushedMembers,
    {
      connection_id: requiredInteger,
      group_key: requiredText,
      local_id: requiredText,
      /** The person's id at the application that the group there may hold; null: none was sent. */
      remote_id: text,
      /** The id that the group is to hold; null: none. */
      wanted_id: text,
      /** `pending`, `sent`, `refused` until something changes, or `held`: found there, and not wanted so far. */
      state: requiredText,
      /** Raised by every change of what is wanted. */
      seq: counter,
    },
    {
      member: { columns: ['connection_id', 'group_key', 'local_id'], unique: true },
      person: { columns: ['connection_id', 'local_id'] },
      by_local: { columns: ['local_id'] },
      pending: { columns: ['connection_id', 'group_key', 'state', 'id'] },
    }
  ),
  /**
   * Attribute values as filters compare them: one row per sub-attribute of each element. `connection_id` 0 holds what the
   * account itself says; rows of a connection what that connection sees of an account it is linked to.
   */
  model(
    'value',
    TABLES.values,
    {
      object_type: requiredText,
      /** Row id of the identity or group. */
      object_id: requiredInteger,
      connection_id: requiredInteger,
      /** First 48 bits of the SHA-256 of the attribute's qualified name in lower case: short keys, short index. */
      attribute: requiredTime,
      /** The same of the sub-attribute; 0 for a simple value, and for the `value` of a complex one. */
      sub: requiredTime,
      /** 0: the primary element, or the first. */
      element: requiredInteger,
      /** Normalised as the attribute compares; the first 255 characters. Of a number: text that sorts as numbers do. */
      text,
      /** The whole of a longer text. */
      long_text: json,
      /** Of numbers, and of points in time in epoch milliseconds. Null for text. */
      number: { type: 'float' },
    },
    {
      find: { columns: ['connection_id', 'attribute', 'sub', 'text', 'object_id'] },
      object: { columns: ['object_id', 'object_type', 'connection_id', 'attribute'] },
    }
  ),
  /** What pushed traffic did, per minute: the guard's window is the sum of the last hour. */
  model(
    'guard-count',
    TABLES.guardCounts,
    { connection_id: requiredInteger, kind: requiredText, minute: requiredInteger, total: requiredInteger },
    {
      bucket: { columns: ['connection_id', 'kind', 'minute'], unique: true },
      age: { columns: ['minute'] },
    }
  ),
  /** Pushed traffic of one kind that a limit stopped. */
  model(
    'hold',
    TABLES.holds,
    {
      connection_id: requiredInteger,
      kind: requiredText,
      /** A HoldState. */
      state: requiredText,
      since: requiredTime,
      last_at: requiredTime,
      attempts: counter,
      /** How many objects were listed, and refusals of those that were not. */
      listed: counter,
      beyond: counter,
      verdict: json,
      approved_by: text,
      approved_until: time,
    },
    { kind: { columns: ['connection_id', 'kind'], unique: true } }
  ),
  /** Who was refused, or may be let through until `approved_until`. */
  model(
    'held-object',
    TABLES.heldObjects,
    {
      connection_id: requiredInteger,
      kind: requiredText,
      /** The SCIM id; of somebody who was to be created the normalised userName. */
      object_key: requiredText,
      object_id: text,
      name: requiredText,
      asked: json,
      first_at: requiredTime,
      last_at: requiredTime,
      attempts: counter,
      approved_until: time,
    },
    {
      object: { columns: ['connection_id', 'kind', 'object_key'], unique: true },
      by_object: { columns: ['object_id'] },
    }
  ),
  /** Dirty markers: no payload, the worker reads the state when it gets there. */
  model(
    'outbox',
    TABLES.outbox,
    {
      connection_id: requiredInteger,
      object_type: requiredText,
      object_id: requiredText,
      /** Raised by every change; a delivery removes the marker only if nothing changed meanwhile. */
      dirty_seq: counter,
      /** System the change came from, so that it is not sent back there; null for changes made in Strapi. */
      origin: text,
      run_at: requiredTime,
      changed_at: requiredTime,
      attempts: counter,
      lease_owner: text,
      lease_until: time,
      /** `pending`, or `failed` once a retry cannot help until something changes. */
      state: requiredText,
      error_code: text,
      /** What happened last, for people. */
      error_message: json,
      first_failed_at: time,
      last_failed_at: time,
      /** Attempts that failed because of this object, and not because its target was in trouble. */
      blamed: integer,
      /** A person asked for it: it is sent also where changes wait for a run. */
      asked: { type: 'boolean', column: { defaultTo: false } },
      /** The item of an approved plan that this does; null: whatever the state at that moment asks for. */
      plan_item: integer,
    },
    {
      object: { columns: ['connection_id', 'object_type', 'object_id'], unique: true },
      due: { columns: ['state', 'run_at'] },
      of_connection: { columns: ['connection_id', 'state', 'run_at'] },
      item: { columns: ['plan_item'] },
    }
  ),
  /** Runs: what started them, how far they are, why they wait. */
  model(
    'run',
    TABLES.runs,
    {
      connection_id: requiredInteger,
      /** The connection's id while the run is active, so that there is one at a time; null otherwise. */
      active_key: integer,
      trigger_kind: requiredText,
      cycle: requiredText,
      dry_run: flag,
      /** Nobody was linked when it was started: a first look at both sides. */
      adoption: laterFlag,
      state: requiredText,
      actor: requiredText,
      /** Reasons and verdicts of the guard. */
      detail: json,
      counts: json,
      /** Items by state, once the run is over and somebody asked; null: not counted. */
      item_counts: json,
      /** How far planning came; holds what the other side gives to go on with. */
      position: json,
      selection: json,
      /** Fingerprint of the connection the plan was made for. */
      base: requiredText,
      approved_by: text,
      undo_of: integer,
      attempts: counter,
      not_before: requiredTime,
      lease_owner: text,
      lease_until: time,
      created_at: requiredTime,
      planned_at: time,
      finished_at: time,
    },
    {
      active: { columns: ['active_key'], unique: true },
      due: { columns: ['state', 'not_before'] },
      connection: { columns: ['connection_id', 'id'] },
    }
  ),
  /** What a plan does to one object. */
  model(
    'plan-item',
    TABLES.planItems,
    {
      run_id: requiredInteger,
      object_type: requiredText,
      object_id: requiredText,
      object_name: text,
      kind: requiredText,
      /** Of who was not linked yet: how the two sides go together. */
      pairing: text,
      remote_id: text,
      state: requiredText,
      error_code: text,
      message: json,
      /** Of the change: only that one is done. */
      digest: requiredText,
      /** Changes, risks, and what an undo needs. */
      detail: json,
    },
    {
      object: { columns: ['run_id', 'object_type', 'object_id'], unique: true },
      state: { columns: ['run_id', 'state', 'id'] },
      person: { columns: ['object_id'] },
    }
  ),
  /** Who comes into which group by a plan, and who leaves it. */
  model(
    'plan-member',
    TABLES.planMembers,
    { run_id: requiredInteger, group_key: requiredText, local_id: requiredText, joins: flag },
    {
      member: { columns: ['run_id', 'group_key', 'local_id'], unique: true },
      by_local: { columns: ['local_id'] },
    }
  ),
  /** Offboardings, and moves from one application to another. */
  model(
    'transition',
    TABLES.transitions,
    {
      kind: requiredText,
      state: requiredText,
      population: requiredText,
      correlation_id: requiredText,
      actor: requiredText,
      approved_by: text,
      /** What was asked for. */
      choice: json,
      selection: json,
      undo_of: integer,
      /** How far planning came. */
      position: counter,
      created_at: requiredTime,
      approved_at: time,
      finished_at: time,
    },
    { state: { columns: ['state', 'id'] }, kind: { columns: ['kind', 'id'] } }
  ),
  /** What a transition does to one person in one system; while `in_force` it counts before scope and rules. */
  model(
    'transition-item',
    TABLES.transitionItems,
    {
      transition_id: requiredInteger,
      step: requiredText,
      /** 0: this Strapi. */
      connection_id: requiredInteger,
      system: requiredText,
      local_id: requiredText,
      object_name: text,
      action: text,
      change_kind: text,
      state: requiredText,
      in_force: flag,
      remote_id: text,
      message: json,
      error_code: text,
      warnings: json,
      assigned: flag,
      unassign: flag,
      attempts: counter,
      done_at: time,
    },
    {
      system: { columns: ['transition_id', 'local_id', 'connection_id'], unique: true },
      state: { columns: ['transition_id', 'state', 'id'] },
      word: { columns: ['connection_id', 'local_id'] },
      person: { columns: ['local_id'] },
    }
  ),
  model(
    'schedule',
    TABLES.schedules,
    {
      connection_id: requiredInteger,
      timing: { type: 'text', column: { notNullable: true } },
      time_zone: requiredText,
      cycle: requiredText,
      enabled: flag,
      jitter_minutes: requiredInteger,
      missed: requiredText,
      /** Intervals count from here. */
      anchor: requiredTime,
      /** Firings up to this slot are done with. */
      handled_slot: requiredTime,
      created_at: requiredTime,
      updated_at: requiredTime,
    },
    { connection: { columns: ['connection_id'] } }
  ),
  /** Firings that an instance took: the unique key is what makes each the work of one. */
  model(
    'firing',
    TABLES.firings,
    {
      schedule_id: requiredInteger,
      connection_id: requiredInteger,
      slot: requiredTime,
      fires_at: requiredTime,
      claimed_at: requiredTime,
      /** Null: it is being started, or its instance died. */
      outcome: text,
    },
    {
      slot: { columns: ['schedule_id', 'slot'], unique: true },
      open: { columns: ['outcome', 'claimed_at'] },
      connection: { columns: ['connection_id'] },
    }
  ),
  /** How the target of an outbound connection stands, and what may still be sent to it; no row: well, and nothing sent. */
  model(
    'target-health',
    TABLES.targetHealth,
    {
      connection_id: requiredInteger,
      /** Raised by every change of the health, which is made only on the one that was read. */
      version: counter,
      /** In a row; 0: well. */
      failures: counter,
      failing_since: time,
      blocked_until: time,
      quarantined_since: time,
      error_code: text,
      reason: json,
      /** When the requests that were promised so far will be used up, in microseconds. */
      budget_until: time,
    },
    { connection: { columns: ['connection_id'], unique: true }, failures: { columns: ['failures'] } }
  ),
  /** The provisioning log. */
  model(
    'operation',
    TABLES.operations,
    {
      at: requiredTime,
      connection_id: integer,
      connection_name: requiredText,
      direction: requiredText,
      population: requiredText,
      trigger_kind: requiredText,
      operation: requiredText,
      outcome: requiredText,
      object_type: requiredText,
      object_id: text,
      object_name: text,
      object_name_norm: text,
      remote_id: text,
      error_code: text,
      message: json,
      correlation_id: requiredText,
      run_id: integer,
      actor: requiredText,
      duration_ms: integer,
      attempts: integer,
      count: requiredInteger,
      detail: json,
      /** Number of its seal; null: not sealed yet. */
      seal: integer,
      /** For the commitments of what may name a person; null once that was erased. */
      salt: text,
      /** Of an erased row: what the seal needs in the place of the salt. */
      remainder: json,
    },
    {
      seal: { columns: ['seal', 'id'] },
      at: { columns: ['at'] },
      connection: { columns: ['connection_id', 'id'] },
      operation: { columns: ['operation', 'id'] },
      outcome: { columns: ['outcome', 'id'] },
      object: { columns: ['object_id', 'id'] },
      name: { columns: ['object_name_norm', 'id'] },
      run: { columns: ['run_id', 'id'] },
    }
  ),
  model(
    'log-seal',
    TABLES.seals,
    {
      seq: requiredInteger,
      sealed_at: requiredTime,
      /** When its newest record was written. */
      last_at: requiredTime,
      previous: requiredText,
      hash: requiredText,
      key_id: requiredText,
      mac: requiredText,
      /** Ids and marks of its records; null: they are past their time, and the chain begins behind this seal. */
      records: json,
    },
    { seq: { columns: ['seq'], unique: true } }
  ),
];
