/** The problems of products, licenses of the catalog and substitutions. */
export const catalogProblems = {
  'tag-taken': {
    status: 409,
    title: 'A license with this tag exists',
    next: 'Use that license, or another tag.',
  },
  'sku-taken': {
    status: 409,
    title: 'A product with this SKU exists',
    next: 'Use that product, or another SKU.',
  },
  'unknown-tag': {
    status: 422,
    title: 'There is no license with this tag',
    next: 'Check the tag; a publisher adds a license to the catalog first.',
  },
  'unknown-sku': {
    status: 422,
    title: 'There is no product with this SKU',
    next: 'Add it to the catalog first.',
  },
  'substitution-cycle': {
    status: 422,
    title: 'The substitution would go in a circle',
    next: 'A license may never stand in for itself, through others either.',
  },
  'substitution-exists': {
    status: 409,
    title: 'This substitution exists',
    next: 'Remove it first to change the ratio.',
  },
  'substitution-export-class': {
    status: 422,
    title: 'Substitution never crosses export classes',
    next: 'Choose licenses of one enforcement class.',
  },
} as const;
