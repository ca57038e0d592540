import { defineConfig, type Plugin } from 'vite';

// The names of the built files carry no hash, and everything that the page
// runs is one script: the committed build then changes in place from one
// version to the next. The Go handler's ETag does what a hash would do.
export default defineConfig({
  base: '/graphiql/',
  plugins: [latinInterface()],
  worker: {
    format: 'es',
    rolldownOptions: { output: { entryFileNames: '[name].js', codeSplitting: false } },
  },
  build: {
    target: 'es2022',
    outDir: 'dist',
    assetsDir: '',
    emptyOutDir: true,
    modulePreload: false,
    cssCodeSplit: false,
    chunkSizeWarningLimit: 6000,
    assetsInlineLimit: 1 << 20,
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      onwarn(warning, warn) {
        // 'use client' and the like: said by libraries to servers that render pages.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
      output: {
        entryFileNames: 'graphiql.js',
        assetFileNames: 'graphiql[extname]',
        codeSplitting: false,
      },
    },
  },
});

// Roboto draws the interface, which is English: its other scripts and its
// italics stay out of the build. Fira Code draws what people type and what
// sources answer, names included, and is kept whole.
function latinInterface(): Plugin {
  const latin = /U\+0000-00FF|U\+0100-024F/;
  return {
    name: 'latin-interface',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('/font/roboto.css')) return;
      const kept = code
        .split(/(?=@font-face)/)
        .filter((face) => latin.test(face) && face.includes('font-style: normal'));
      return { code: kept.join(''), map: null };
    },
  };
}
