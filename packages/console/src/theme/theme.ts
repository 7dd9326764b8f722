import {
  ActionIcon,
  Button,
  Checkbox,
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  Input,
  Menu,
  Modal,
  NumberInput,
  Select,
  Tooltip,
  type VariantColorsResolver,
} from '@mantine/core';

type Tones = [string, string, string, string, string, string, string, string, string, string];

const one = (color: string): Tones => [color, color, color, color, color, color, color, color, color, color];

/** Mantine's neutrals, as paper and ink: fields, controls and hairlines of its parts come from these. */
const gray: Tones = [
  '#f6f5f1',
  '#f1efe9',
  '#eeece5',
  '#e3e1d9',
  '#cfccc2',
  '#b0aea5',
  '#8d938c',
  '#636c66',
  '#55605a',
  '#1c2320',
];
const dark: Tones = [
  '#e7ebe8',
  '#c4ccc7',
  '#a7b1ab',
  '#98a39d',
  '#3a423d',
  '#2f3732',
  '#202723',
  '#1a1f1c',
  '#151a17',
  '#121614',
];

/** Buttons take their colors from the tokens, so that dark is a theme of its own and not computed from light. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const bad = input.color === 'bad';
  const tone = bad ? 'bad' : 'brand';
  switch (input.variant) {
    case 'filled':
      return {
        background: `var(--e-${tone})`,
        hover: `var(--e-${tone}-hover)`,
        color: `var(--e-on-${tone})`,
        border: '1px solid transparent',
      };
    case 'default':
      return {
        background: 'var(--e-panel)',
        hover: 'var(--e-hover)',
        color: bad ? 'var(--e-bad)' : 'var(--e-ink)',
        border: '1px solid var(--e-line)',
      };
    case 'subtle':
      return {
        background: 'transparent',
        hover: 'var(--e-hover)',
        color: bad ? 'var(--e-bad)' : 'var(--e-ink-2)',
        border: '1px solid transparent',
      };
    case 'light':
      return {
        background: `var(--e-${tone}-soft)`,
        hover: `var(--e-${tone}-soft)`,
        color: `var(--e-${tone})`,
        border: '1px solid transparent',
      };
    default:
      return defaultVariantColorsResolver(input);
  }
};

/** At most 120 ms, and none where the person asked for less motion (`respectReducedMotion`). */
const motion = { duration: 120, exitDuration: 90 };

export const theme = createTheme({
  fontFamily: '"Inter Variable", Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  fontSizes: { xs: '12px', sm: '13.5px', md: '14px', lg: '16px', xl: '19px' },
  colors: { brand: one('var(--e-brand)'), bad: one('var(--e-bad)'), warn: one('var(--e-warn)'), gray, dark },
  primaryColor: 'brand',
  defaultRadius: '6px',
  cursorType: 'pointer',
  respectReducedMotion: true,
  variantColorResolver,
  components: {
    Button: Button.extend({
      defaultProps: { size: 'sm', variant: 'default' },
      styles: { root: { fontWeight: 550, paddingInline: 12, height: 32 } },
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'brand' } }),
    Checkbox: Checkbox.extend({ defaultProps: { size: 'xs' } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: false,
        yOffset: '8vh',
        radius: 10,
        padding: 20,
        transitionProps: { transition: 'fade', ...motion },
        overlayProps: { backgroundOpacity: 0.45 },
        closeButtonProps: { 'aria-label': 'Close' },
        // The dialog's head is no second banner of the page.
        attributes: { header: { role: 'none' } },
      },
      styles: { title: { fontSize: 17, fontWeight: 650, letterSpacing: '-0.01em' } },
    }),
    // Without its focus placeholder, which is no menu item and so has no place in a menu.
    Menu: Menu.extend({
      defaultProps: { transitionProps: motion, shadow: 'md', withInitialFocusPlaceholder: false },
    }),
    Tooltip: Tooltip.extend({
      defaultProps: {
        transitionProps: motion,
        openDelay: 150,
        multiline: true,
        maw: 320,
        events: { hover: true, focus: true, touch: true },
      },
    }),
    Select: Select.extend({ defaultProps: { checkIconPosition: 'right', comboboxProps: { shadow: 'md' } } }),
    NumberInput: NumberInput.extend({ defaultProps: { thousandSeparator: ',', hideControls: true } }),
    Input: Input.extend({ defaultProps: { size: 'sm' } }),
  },
});

const shared = {
  '--mantine-color-body': 'var(--e-panel)',
  '--mantine-color-text': 'var(--e-ink)',
  '--mantine-color-bright': 'var(--e-ink)',
  '--mantine-color-dimmed': 'var(--e-ink-2)',
  '--mantine-color-placeholder': 'var(--e-ink-3)',
  '--mantine-color-anchor': 'var(--e-brand)',
  '--mantine-color-error': 'var(--e-bad)',
  '--mantine-color-default': 'var(--e-panel)',
  '--mantine-color-default-hover': 'var(--e-hover)',
  '--mantine-color-default-color': 'var(--e-ink)',
  '--mantine-color-default-border': 'var(--e-line)',
  '--mantine-color-disabled': 'var(--e-line-2)',
  '--mantine-color-disabled-color': 'var(--e-ink-3)',
  '--mantine-color-disabled-border': 'var(--e-line)',
  '--mantine-primary-color-filled': 'var(--e-brand)',
  '--mantine-primary-color-filled-hover': 'var(--e-brand-hover)',
  '--mantine-primary-color-contrast': 'var(--e-on-brand)',
  '--mantine-primary-color-light': 'var(--e-brand-soft)',
  '--mantine-primary-color-light-hover': 'var(--e-brand-soft)',
  '--mantine-primary-color-light-color': 'var(--e-brand)',
  '--mantine-shadow-md': 'var(--e-shadow-raised)',
  '--mantine-shadow-xl': 'var(--e-shadow-raised)',
};

/** Points Mantine's own variables at the tokens, the same in both themes: only the tokens differ. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: shared,
  dark: shared,
});
