import { Radio } from '@mantine/core';
import styles from './account-moves.module.css';

export type AccountRoles = 'drop' | 'keep';

/** What becomes of those who have a role in the whole account; roles at virtual accounts always go along. */
export function AccountRolesChoice(props: { value: AccountRoles; onChange: (value: AccountRoles) => void }) {
  return (
    <Radio.Group
      label="People with a role in the whole account"
      description="Roles at single virtual accounts go along with them. Nobody gets more than they had."
      value={props.value}
      onChange={(value) => props.onChange(value === 'keep' ? 'keep' : 'drop')}
    >
      <div className={styles.choices}>
        <Radio value="drop" label="Have no role in what moves" />
        <Radio value="keep" label="Keep the like role in what moves, and only there" />
      </div>
    </Radio.Group>
  );
}
