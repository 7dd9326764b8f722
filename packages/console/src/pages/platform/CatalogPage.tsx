import { listCatalogLicenses, listProducts, listSubstitutions } from '@estover/protocol';
import { SegmentedControl } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { usePlatform } from '../../account.tsx';
import { type Pages, usePages } from '../../api.ts';
import { formatNumber } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip } from '../../parts/FilterChips.tsx';
import { StatePill, TagText } from '../../parts/figures.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { CreateLicenseDialog } from './CreateLicenseDialog.tsx';
import { CreateProductDialog } from './CreateProductDialog.tsx';
import { CreateSubstitutionDialog } from './CreateSubstitutionDialog.tsx';
import {
  type CatalogLicense,
  enforcements,
  overageInWords,
  type Product,
  type Substitution,
  termInWords,
} from './catalog-words.ts';

const route = getRouteApi('/signed-in/platform/catalog');

const licenseColumns: Column<CatalogLicense>[] = [
  {
    key: 'name',
    title: 'License',
    cell: (license) => <TwoLines name={license.name} below={<TagText>{license.tag}</TagText>} />,
  },
  { key: 'family', title: 'Family', cell: (license) => (license.family === '' ? '–' : license.family) },
  { key: 'version', title: 'Version', cell: (license) => license.version },
  {
    key: 'enforcement',
    title: 'Enforcement',
    cell: (license) => (
      <StatePill tone={license.enforcement === 'export-controlled' ? 'info' : 'neutral'}>
        {enforcements[license.enforcement]}
      </StatePill>
    ),
  },
  { key: 'metric', title: 'Counts by', cell: (license) => license.metric.replaceAll('-', ' ') },
  { key: 'overage', title: 'Overage', numeric: true, cell: overageInWords },
];

const productColumns: Column<Product>[] = [
  {
    key: 'sku',
    title: 'Product',
    cell: (product) => <TwoLines name={product.name} below={<TagText>{product.sku}</TagText>} />,
  },
  {
    key: 'grants',
    title: 'A unit grants',
    cell: (product) =>
      product.grants
        .map(({ licenseName, quantityPerUnit }) => `${formatNumber(quantityPerUnit)} ${licenseName}`)
        .join(', '),
  },
  { key: 'term', title: 'Term', cell: termInWords },
  {
    key: 'billing',
    title: 'Billing',
    cell: (product) => (product.billing === 'usage' ? 'By usage' : 'Prepaid'),
  },
];

const substitutionColumns: Column<Substitution>[] = [
  {
    key: 'upper',
    title: 'License',
    cell: (one) => <TwoLines name={one.upperName} below={<TagText>{one.upperTag}</TagText>} />,
  },
  {
    key: 'ratio',
    title: 'Stands in',
    cell: (one) => `${formatNumber(one.upperQuantity)} for ${formatNumber(one.lowerQuantity)}`,
  },
  {
    key: 'lower',
    title: 'For',
    cell: (one) => <TwoLines name={one.lowerName} below={<TagText>{one.lowerTag}</TagText>} />,
  },
  { key: 'priority', title: 'Priority', numeric: true, cell: (one) => formatNumber(one.priority) },
];

const views = [
  { value: 'licenses', label: 'Licenses' },
  { value: 'products', label: 'Products' },
  { value: 'substitutions', label: 'Substitutions' },
] as const;
type View = (typeof views)[number]['value'];

const words: Record<View, { sentence: string; act: string; none: string; why: string }> = {
  licenses: {
    sentence: 'What can be owned and used, each by its entitlement tag.',
    act: 'New license…',
    none: 'The catalog has no license yet',
    why: 'A license is what product instances ask for. Make the first one, then a product that grants it.',
  },
  products: {
    sentence: 'What can be ordered: which licenses a unit grants, and for how long.',
    act: 'New product…',
    none: 'There is no product yet',
    why: 'A product is what is ordered by its SKU. It grants licenses when it is delivered.',
  },
  substitutions: {
    sentence: 'Which license may stand in for which, out of what its own use leaves over.',
    act: 'New substitution…',
    none: 'No license stands in for another yet',
    why: 'Surplus of a higher license can cover a lower one in the same virtual account, never the reverse.',
  },
};

/** What the publisher sells: licenses, products and substitutions. */
export default function CatalogPage() {
  const platform = usePlatform();
  const { show = 'licenses', search } = route.useSearch();
  const navigate = route.useNavigate();
  const [creating, setCreating] = useState(false);
  const reason = platform.reasonAgainst('manage-catalog');
  const button = (
    <ReasonedButton variant="filled" reason={reason} onClick={() => setCreating(true)}>
      {words[show].act}
    </ReasonedButton>
  );
  const close = () => setCreating(false);
  const empty =
    search === undefined ? (
      <EmptyState title={words[show].none} action={button}>
        {words[show].why}
      </EmptyState>
    ) : (
      <EmptyState title="Nothing in the catalog has this name" />
    );
  return (
    <>
      <PageHead title="Catalog" sentence={words[show].sentence} actions={button} />
      <Card>
        <FilterChips>
          <SegmentedControl
            aria-label="What the list shows"
            value={show}
            data={[...views]}
            onChange={(next) =>
              void navigate({
                search: { show: next === 'licenses' ? undefined : (next as View) },
                replace: true,
              })
            }
          />
          {show !== 'substitutions' && (
            <SearchChip
              key={show}
              label={`Search ${show}`}
              placeholder={show === 'licenses' ? 'Name, tag' : 'Name, SKU'}
              value={search}
              onChange={(next) =>
                void navigate({ search: (was) => ({ ...was, search: next }), replace: true })
              }
            />
          )}
        </FilterChips>
        {show === 'licenses' && <Licenses search={search} empty={empty} />}
        {show === 'products' && <Products search={search} empty={empty} />}
        {show === 'substitutions' && <Substitutions empty={empty} />}
      </Card>
      {creating && show === 'licenses' && <CreateLicenseDialog onClose={close} />}
      {creating && show === 'products' && <CreateProductDialog onClose={close} />}
      {creating && show === 'substitutions' && <CreateSubstitutionDialog onClose={close} />}
    </>
  );
}

/** What a `DataTable` takes from a list that is read page by page. */
const listProps = <Item,>(list: Pages<{ items: Item[] }>) => ({
  rows: list.items,
  isPending: list.isPending,
  isStale: list.isStale,
  error: list.error,
  onRetry: list.retry,
  more: { has: list.hasMore, isReading: list.isReadingMore, read: list.readMore },
});

function Licenses({ search, empty }: { search: string | undefined; empty: ReactNode }) {
  const list = usePages(listCatalogLicenses, { query: { search } });
  return (
    <DataTable
      label="Licenses"
      keyboard
      columns={licenseColumns}
      rowKey={(license) => license.licenseId}
      empty={empty}
      {...listProps<CatalogLicense>(list)}
    />
  );
}

function Products({ search, empty }: { search: string | undefined; empty: ReactNode }) {
  const list = usePages(listProducts, { query: { search } });
  return (
    <DataTable
      label="Products"
      keyboard
      columns={productColumns}
      rowKey={(product) => product.productId}
      empty={empty}
      {...listProps<Product>(list)}
    />
  );
}

function Substitutions({ empty }: { empty: ReactNode }) {
  const list = usePages(listSubstitutions, {});
  return (
    <DataTable
      label="Substitutions"
      keyboard
      columns={substitutionColumns}
      rowKey={(one) => one.substitutionId}
      empty={empty}
      {...listProps<Substitution>(list)}
    />
  );
}
