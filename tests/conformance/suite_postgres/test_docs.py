from take import take

take(globals(), "basic.test_docs_generate", "BaseDocsGenerate", "BaseDocsGenReferences")
take(globals(), "persist_docs.test_persist_docs")
