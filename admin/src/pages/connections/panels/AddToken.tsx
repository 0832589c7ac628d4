import { DatePicker, Grid, Textarea, TextInput } from '@strapi/design-system';
import { useState } from 'react';
import type { ConnectionInfo, TokenInfo } from '../../../../../server/src/contracts/connection';
import { useCreateTokenMutation } from '../../../services/connections';
import type { FieldErrors } from '../../../utils/errors';
import { useT, type Message } from '../../../utils/i18n';
import { FormField } from '../form/FormField';
import { PolicySelect } from '../form/policies/PolicySelect';
import { TokenDialog } from './TokenDialog';
import { KIND_LABELS, REACH_LABELS, scopesOf, VERB_LABELS, type Reach, type Verb } from './tokenLabels';

interface AddTokenProps {
  connection: ConnectionInfo;
  open: boolean;
  onClose: () => void;
}

interface Draft {
  name: string;
  kind: TokenInfo['kind'];
  verb: Verb;
  reach: Reach;
  addresses: string;
  expires: Date | undefined;
}

const EMPTY: Draft = { name: '', kind: 'bearer', verb: 'write', reach: 'all', addresses: '', expires: undefined };

const ITEM = { col: 6, s: 12, xs: 12, direction: 'column', alignItems: 'stretch' } as const;

const lines = (text: string): string[] => text.split(/[\s,;]+/).filter((line) => line !== '');

/** The chosen day belongs to the token, all of it, where the admin is. */
const endOf = (day: Date): string => new Date(day.getFullYear(), day.getMonth(), day.getDate(), 23, 59, 59).toISOString();

/** The message of a list belongs to its field, whichever entry is wrong. */
const errorAt = (errors: FieldErrors, field: string, entries: readonly string[]): string | undefined => {
  const path = Object.keys(errors).find((candidate) => candidate === field || candidate.startsWith(`${field}.`));
  if (path === undefined) return undefined;
  const entry = entries[Number(path.slice(field.length + 1))];
  return entry === undefined ? errors[path] : `${entry}: ${errors[path]}`;
};

/** A token or OAuth client, with what it may do and from where. */
export const AddToken = ({ connection, open, onClose }: AddTokenProps) => {
  const t = useT();
  const [create] = useCreateTokenMutation();
  const [draft, setDraft] = useState(EMPTY);
  const change = (part: Partial<Draft>) => setDraft((current) => ({ ...current, ...part }));
  // What was sent: an error names its entry, whatever is typed after it.
  const [sent, setSent] = useState<string[]>([]);

  const close = () => {
    setDraft(EMPTY);
    onClose();
  };

  const options = <T extends string>(labels: Record<T, Message>) =>
    (Object.keys(labels) as T[]).map((value) => {
      const [id, text] = labels[value];
      return { value, label: t(id, text) };
    });

  return (
    <TokenDialog
      open={open}
      onClose={close}
      title={t('token.add-title', 'Add a token')}
      submitLabel={t('token.create', 'Create')}
      submit={async () => {
        const allowedIps = lines(draft.addresses);
        setSent(allowedIps);
        return create({
          id: connection.id,
          data: {
            name: draft.name.trim(),
            kind: draft.kind,
            scopes: scopesOf(draft.verb, draft.reach),
            allowedIps,
            expiresAt: draft.expires === undefined ? null : endOf(draft.expires),
          },
        });
      }}
    >
      {(errors) => (
        <Grid.Root gap={4}>
          <Grid.Item {...ITEM}>
            <FormField
              name="name"
              label={t('token.name', 'Name')}
              required
              error={errors.name}
              hint={t('token.name-hint', 'Stands in the log for whatever is done with it.')}
            >
              <TextInput value={draft.name} dir="auto" onChange={(event) => change({ name: event.target.value })} />
            </FormField>
          </Grid.Item>
          <Grid.Item {...ITEM}>
            <PolicySelect
              name="kind"
              label={t('token.kind', 'Kind')}
              error={errors.kind}
              hint={
                draft.kind === 'client'
                  ? t('token.kind-client-hint', 'For providers that ask for a client id, a client secret and a token URL.')
                  : t('token.kind-bearer-hint', 'What most providers ask for: one value to paste.')
              }
              value={draft.kind}
              options={options(KIND_LABELS)}
              disabled={false}
              onChange={(kind) => change({ kind })}
            />
          </Grid.Item>
          <Grid.Item {...ITEM}>
            <PolicySelect
              name="verb"
              label={t('token.verb', 'It may')}
              error={errorAt(errors, 'scopes', [])}
              value={draft.verb}
              options={options(VERB_LABELS)}
              disabled={false}
              onChange={(verb) => change({ verb })}
            />
          </Grid.Item>
          <Grid.Item {...ITEM}>
            <PolicySelect
              name="reach"
              label={t('token.reach', 'What it reaches')}
              value={draft.reach}
              options={options(REACH_LABELS)}
              disabled={false}
              onChange={(reach) => change({ reach })}
            />
          </Grid.Item>
          <Grid.Item {...ITEM}>
            <FormField
              name="allowedIps"
              label={t('token.addresses', 'Only from these addresses')}
              error={errorAt(errors, 'allowedIps', sent)}
              hint={t('token.addresses-hint', 'One per line, such as 203.0.113.7 or 203.0.113.0/24. Empty: from everywhere.')}
            >
              <Textarea value={draft.addresses} dir="ltr" spellCheck={false} onChange={(event) => change({ addresses: event.target.value })} />
            </FormField>
          </Grid.Item>
          <Grid.Item {...ITEM}>
            <FormField
              name="expiresAt"
              label={t('token.expires', 'Last day')}
              error={errors.expiresAt}
              hint={t('token.expires-hint', 'Empty: it does not expire.')}
            >
              <DatePicker
                value={draft.expires}
                minDate={new Date()}
                clearLabel={t('form.clear', 'Clear')}
                onChange={(expires) => change({ expires })}
                onClear={() => change({ expires: undefined })}
              />
            </FormField>
          </Grid.Item>
        </Grid.Root>
      )}
    </TokenDialog>
  );
};
