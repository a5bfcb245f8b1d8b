from take import take

# The roles DBT_TEST_USER_1 to 3 are made by the plugin.
for _name in "incremental invalid model seed snapshot".split():
    take(globals(), f"grants.test_{_name}_grants")
