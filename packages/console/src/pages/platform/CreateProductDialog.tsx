import { createProduct, randomId } from '@estover/protocol';
import { ActionIcon, Button, NumberInput, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { CloseIcon } from '../../parts/icons.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { fieldProblem } from '../../problems.ts';
import { CatalogLicenseSelect } from './CatalogLicenseSelect.tsx';
import type { Product } from './catalog-words.ts';
import styles from './platform.module.css';

interface GrantDraft {
  key: string;
  tag: string | null;
  quantityPerUnit: number | string;
}

const newGrant = (): GrantDraft => ({ key: randomId(), tag: null, quantityPerUnit: 1 });

/** Adds a product: its SKU, which licenses a unit grants, and for how long. */
export function CreateProductDialog({ onClose }: { onClose: () => void }) {
  const create = useAction(createProduct);
  const [sku, setSku] = useState('');
  const [name, setName] = useState('');
  const [grants, setGrants] = useState<GrantDraft[]>(() => [newGrant()]);
  const [term, setTerm] = useState<Product['term']['kind']>('perpetual');
  const [length, setLength] = useState<number | string>(12);
  const [billing, setBilling] = useState<Product['billing']>('prepaid');
  const change = (key: string, part: Partial<GrantDraft>) =>
    setGrants((was) => was.map((grant) => (grant.key === key ? { ...grant, ...part } : grant)));
  const input = {
    body: {
      sku: sku.trim(),
      name: name.trim(),
      grants: grants.map(({ tag, quantityPerUnit }) => ({
        tag: tag ?? '',
        quantityPerUnit: Number(quantityPerUnit),
      })),
      term:
        term === 'perpetual'
          ? { kind: 'perpetual' as const }
          : term === 'term'
            ? { kind: 'term' as const, months: Number(length) }
            : { kind: 'demo' as const, days: Number(length) },
      billing,
    },
  };
  return (
    <FormDialog
      title="New product"
      size="lg"
      act={sku.trim() === '' ? 'Add product' : `Add ${sku.trim()}`}
      blocked={
        sku.trim() === '' || name.trim() === ''
          ? 'Write the SKU and the name first.'
          : grants.every(({ tag, quantityPerUnit }) => tag !== null && Number(quantityPerUnit) >= 1)
            ? null
            : 'Each grant needs a license and a quantity.'
      }
      acting={create.isPending}
      error={create.error}
      marked={['/sku', '/name', ...grants.map((_, position) => `/grants/${position}/tag`)]}
      onClose={onClose}
      onAct={() =>
        create.mutate(input, {
          onSuccess: ({ product }) => {
            notifyDone(`${product.sku} is in the catalog.`);
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={createProduct} input={input} />}
    >
      <div className={styles.pair}>
        <TextInput
          label="SKU"
          maxLength={64}
          value={sku}
          onChange={(event) => setSku(event.currentTarget.value)}
          error={fieldProblem(create.error, '/sku')}
          data-autofocus
        />
        <TextInput
          label="Name"
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldProblem(create.error, '/name')}
        />
      </div>
      {grants.map((grant, position) => (
        <fieldset key={grant.key} className={styles.grant}>
          <legend className="visually-hidden">Grant {position + 1}</legend>
          <CatalogLicenseSelect
            label="A unit grants"
            value={grant.tag}
            onChange={(tag) => change(grant.key, { tag })}
            error={fieldProblem(create.error, `/grants/${position}/tag`)}
          />
          <NumberInput
            label="Quantity"
            min={1}
            max={1_000_000_000}
            allowDecimal={false}
            value={grant.quantityPerUnit}
            onChange={(quantityPerUnit) => change(grant.key, { quantityPerUnit })}
          />
          {grants.length > 1 && (
            <ActionIcon
              aria-label={`Leave out grant ${position + 1}`}
              onClick={() => setGrants((was) => was.filter(({ key }) => key !== grant.key))}
            >
              <CloseIcon />
            </ActionIcon>
          )}
        </fieldset>
      ))}
      <div>
        <Button onClick={() => setGrants((was) => [...was, newGrant()])}>Add a license</Button>
      </div>
      <div className={styles.pair}>
        <div>
          <span className={styles.label} id="term-label">
            Term
          </span>
          <SegmentedControl
            fullWidth
            aria-labelledby="term-label"
            value={term}
            onChange={(next) => {
              setTerm(next as typeof term);
              setLength(next === 'demo' ? 30 : 12);
            }}
            data={[
              { value: 'perpetual', label: 'Perpetual' },
              { value: 'term', label: 'Months' },
              { value: 'demo', label: 'Demo' },
            ]}
          />
        </div>
        {term !== 'perpetual' && (
          <NumberInput
            label={term === 'term' ? 'Months' : 'Days'}
            min={1}
            max={term === 'term' ? 120 : 365}
            allowDecimal={false}
            value={length}
            onChange={setLength}
          />
        )}
      </div>
      <div>
        <span className={styles.label} id="billing-label">
          Billing
        </span>
        <SegmentedControl
          aria-labelledby="billing-label"
          value={billing}
          onChange={(next) => setBilling(next as typeof billing)}
          data={[
            { value: 'prepaid', label: 'Prepaid' },
            { value: 'usage', label: 'By usage' },
          ]}
        />
      </div>
    </FormDialog>
  );
}
