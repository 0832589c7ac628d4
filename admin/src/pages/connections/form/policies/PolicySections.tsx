import { Accordion, Box } from '@strapi/design-system';
import { useState, type ComponentType } from 'react';
import { Panel } from '../../../../components/Panel';
import { useT } from '../../../../utils/i18n';
import { Departures } from './Departures';
import { Dialect } from './Dialect';
import { ExistingPeople } from './ExistingPeople';
import { NewAccounts } from './NewAccounts';
import type { PolicyProps } from './policyProps';
import { WritableAttributes } from './WritableAttributes';

interface Section {
  id: string;
  title: string;
  text: string;
  fields: string[];
  Content: ComponentType<PolicyProps>;
}

/** The rules of an inbound connection, one section at a time: each says what it is about, most are never opened. */
export const PolicySections = (props: PolicyProps) => {
  const t = useT();
  const { errors, values } = props.form;
  const [open, setOpen] = useState('');
  const [seen, setSeen] = useState(errors);

  const sections: Section[] = [
    {
      id: 'existing',
      title: t('policy.section.existing', 'People who already have an account'),
      text: t('policy.section.existing-text', 'What happens when the provider brings somebody whom Strapi knows already.'),
      fields: ['visibility', 'joinBy', 'sharedEmail'],
      Content: ExistingPeople,
    },
    ...(values.population === 'end-users'
      ? [
          {
            id: 'new',
            title: t('policy.section.new', 'New accounts'),
            text: t('policy.section.new-text', 'How people sign in whom the provider brings for the first time.'),
            fields: ['signInProvider', 'confirmed'],
            Content: NewAccounts,
          },
        ]
      : []),
    {
      id: 'attributes',
      title: t('policy.section.attributes', 'Fields that your site added'),
      text: t('policy.section.attributes-text', 'Which of the fields that you added to your users the provider may fill.'),
      fields: ['writableAttributes'],
      Content: WritableAttributes,
    },
    {
      id: 'leaving',
      title: t('policy.section.leaving', 'When someone leaves'),
      text: t('policy.section.leaving-text', 'What becomes of an account that the provider deactivates or deletes.'),
      fields: ['onDeactivate', 'onDelete'],
      Content: Departures,
    },
    {
      id: 'dialect',
      title: t('policy.section.dialect', 'Provider dialect'),
      text: t('policy.section.dialect-text', 'How exactly the provider has to follow the SCIM standard, and how often it may ask.'),
      fields: ['strict', 'userPatchAnswer', 'groupPatchAnswer', 'acceptPassword', 'requestsPerMinute'],
      Content: Dialect,
    },
  ];

  // While rendering, so that the field stands on the page when the form leads the person to it.
  if (seen !== errors) {
    setSeen(errors);
    const failing = sections.find(({ fields }) => fields.some((name) => Object.keys(errors).some((path) => isAt(path, name))));
    if (failing) setOpen(failing.id);
  }

  return (
    <Panel title={t('policy.title', 'Rules')} description={t('policy.text', 'These work for most providers as they are. Open one to change it.')}>
      <Accordion.Root size="M" value={open} onValueChange={setOpen}>
        {sections.map(({ id, title, text, Content }, index) => (
          <Accordion.Item key={id} value={id}>
            <Accordion.Header variant={index % 2 === 0 ? 'secondary' : 'primary'}>
              <Accordion.Trigger description={text}>{title}</Accordion.Trigger>
            </Accordion.Header>
            <Accordion.Content>
              <Box padding={4}>
                <Content {...props} />
              </Box>
            </Accordion.Content>
          </Accordion.Item>
        ))}
      </Accordion.Root>
    </Panel>
  );
};

const isAt = (path: string, name: string): boolean => path === `policies.${name}` || path.startsWith(`policies.${name}.`);
