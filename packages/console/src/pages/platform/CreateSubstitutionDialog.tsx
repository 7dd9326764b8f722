import { createSubstitution } from '@estover/protocol';
import { NumberInput } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api.ts';
import { formatNumber } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { fieldProblem } from '../../problems.ts';
import { CatalogLicenseSelect } from './CatalogLicenseSelect.tsx';
import styles from './platform.module.css';

/** Lets surplus of one license stand in for another. */
export function CreateSubstitutionDialog({ onClose }: { onClose: () => void }) {
  const create = useAction(createSubstitution);
  const [upperTag, setUpperTag] = useState<string | null>(null);
  const [lowerTag, setLowerTag] = useState<string | null>(null);
  const [upperQuantity, setUpperQuantity] = useState<number | string>(1);
  const [lowerQuantity, setLowerQuantity] = useState<number | string>(1);
  const [priority, setPriority] = useState<number | string>(100);
  const input = {
    body: {
      upperTag: upperTag ?? '',
      lowerTag: lowerTag ?? '',
      upperQuantity: Number(upperQuantity),
      lowerQuantity: Number(lowerQuantity),
      priority: Number(priority),
    },
  };
  return (
    <FormDialog
      title="New substitution"
      act={`Let ${formatNumber(Number(upperQuantity))} stand in for ${formatNumber(Number(lowerQuantity))}`}
      blocked={upperTag === null || lowerTag === null ? 'Choose both licenses first.' : null}
      acting={create.isPending}
      error={create.error}
      marked={['/upperTag', '/upperQuantity', '/lowerTag', '/lowerQuantity', '/priority']}
      onClose={onClose}
      onAct={() =>
        create.mutate(input, {
          onSuccess: ({ substitution }) => {
            notifyDone(`${substitution.upperName} stands in for ${substitution.lowerName} from now on.`);
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={createSubstitution} input={input} />}
    >
      <p>What the higher license’s own use leaves over covers the lower one in the same virtual account.</p>
      <div className={styles.grant}>
        <CatalogLicenseSelect
          label="Higher license"
          value={upperTag}
          onChange={setUpperTag}
          error={fieldProblem(create.error, '/upperTag')}
        />
        <NumberInput
          label="So many of it"
          min={1}
          allowDecimal={false}
          value={upperQuantity}
          onChange={setUpperQuantity}
          error={fieldProblem(create.error, '/upperQuantity')}
        />
      </div>
      <div className={styles.grant}>
        <CatalogLicenseSelect
          label="Lower license"
          value={lowerTag}
          onChange={setLowerTag}
          error={fieldProblem(create.error, '/lowerTag')}
        />
        <NumberInput
          label="For so many"
          min={1}
          allowDecimal={false}
          value={lowerQuantity}
          onChange={setLowerQuantity}
          error={fieldProblem(create.error, '/lowerQuantity')}
        />
      </div>
      <NumberInput
        label="Priority"
        description="From 0 to 1000. Where several could stand in, the lowest number goes first."
        min={0}
        max={1000}
        allowDecimal={false}
        value={priority}
        onChange={setPriority}
        error={fieldProblem(create.error, '/priority')}
      />
    </FormDialog>
  );
}
