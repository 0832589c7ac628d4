import { Box, Flex, Typography } from '@strapi/design-system';
import { Lock } from '@strapi/icons';
import { styled } from 'styled-components';
import type { AttributeInfo } from '../../../../../../server/src/contracts/connection';
import { useT } from '../../../../utils/i18n';
import { LOCK_TEXTS, TYPE_LABELS } from './labels';
import { PolicyCheck } from './PolicyCheck';

/** A name of any length and direction, all of it. */
const Name = styled.bdi`
  overflow-wrap: anywhere;
`;

const useTypeText = (): ((attribute: AttributeInfo) => string) => {
  const t = useT();
  return ({ type, multiValued }) => {
    const label = TYPE_LABELS[type];
    const text = label === undefined ? type : t(...label);
    return multiValued ? t('attribute.several', '{type}, several', { type: text }) : text;
  };
};

interface AttributeItemProps {
  attribute: AttributeInfo;
  checked: boolean;
  disabled: boolean;
  onChange: (next: boolean) => void;
}

export const AttributeItem = ({ attribute, checked, disabled, onChange }: AttributeItemProps) => {
  const t = useT();
  const typeText = useTypeText();
  const { name, required } = attribute;
  return (
    <PolicyCheck
      name={`attribute-${name}`}
      label={<Name dir="auto">{name}</Name>}
      hint={
        required
          ? `${typeText(attribute)}. ${t('attribute.required', 'Strapi requires it: if you tick it, the provider has to send it, or a new person is refused.')}`
          : typeText(attribute)
      }
      checked={checked}
      disabled={disabled}
      onChange={onChange}
    />
  );
};

export const LockedAttribute = ({ attribute }: { attribute: AttributeInfo }) => {
  const t = useT();
  const typeText = useTypeText();
  return (
    <Flex gap={2} alignItems="flex-start">
      <Box aria-hidden flex="none" paddingTop="2px">
        <Lock width="1.6rem" height="1.6rem" fill="neutral500" />
      </Box>
      <Flex direction="column" alignItems="flex-start" gap={1} minWidth={0}>
        <Typography textColor="neutral800">
          <Name dir="auto">{attribute.name}</Name>
        </Typography>
        <Typography variant="pi" textColor="neutral600">
          {typeText(attribute)}. {attribute.locked === null ? null : t(...LOCK_TEXTS[attribute.locked])}
        </Typography>
      </Flex>
    </Flex>
  );
};
