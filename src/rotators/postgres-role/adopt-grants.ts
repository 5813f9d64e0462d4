/**
 * SQL that writes the GRANT commands for `$2` (the owner to be) out of what `$1` (the role) has on objects that are not its
 * own, in the database it runs in. Row: `sql`.
 */
export const grantsOfOthers = `
  WITH acls (target, acl, owner) AS (
    SELECT 'DATABASE ' || quote_ident(datname), datacl, datdba FROM pg_database WHERE datname = current_database()
    UNION ALL SELECT 'SCHEMA ' || quote_ident(nspname), nspacl, nspowner FROM pg_namespace
    UNION ALL SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || oid::regclass::text, relacl, relowner FROM pg_class
    UNION ALL SELECT 'ROUTINE ' || oid::regprocedure::text, proacl, proowner FROM pg_proc
    UNION ALL SELECT 'TYPE ' || oid::regtype::text, typacl, typowner FROM pg_type
    UNION ALL SELECT 'LANGUAGE ' || quote_ident(lanname), lanacl, lanowner FROM pg_language
    UNION ALL SELECT 'FOREIGN DATA WRAPPER ' || quote_ident(fdwname), fdwacl, fdwowner FROM pg_foreign_data_wrapper
    UNION ALL SELECT 'FOREIGN SERVER ' || quote_ident(srvname), srvacl, srvowner FROM pg_foreign_server
    UNION ALL SELECT 'LARGE OBJECT ' || oid, lomacl, lomowner FROM pg_largeobject_metadata
    UNION ALL SELECT 'TABLESPACE ' || quote_ident(spcname), spcacl, spcowner FROM pg_tablespace
    UNION ALL SELECT 'PARAMETER ' || parname, paracl, 10 FROM pg_parameter_acl
  ), taker AS (SELECT (SELECT oid FROM pg_roles WHERE rolname = $2) AS oid), mine AS (
    SELECT target, '' AS columns, item.privilege_type, item.is_grantable FROM acls, aclexplode(acl) AS item
      WHERE item.grantee = $1::text::regrole AND owner <> $1::text::regrole AND NOT EXISTS (SELECT FROM taker, aclexplode(acl) AS has
        WHERE has.grantee = taker.oid AND has.privilege_type = item.privilege_type AND has.is_grantable >= item.is_grantable)
    UNION ALL
    SELECT 'TABLE ' || attrelid::regclass::text, ' (' || quote_ident(attname) || ')', item.privilege_type, item.is_grantable
      FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid, aclexplode(attacl) AS item
      WHERE item.grantee = $1::text::regrole AND relowner <> $1::text::regrole AND NOT EXISTS (SELECT FROM taker, aclexplode(attacl) AS has
        WHERE has.grantee = taker.oid AND has.privilege_type = item.privilege_type AND has.is_grantable >= item.is_grantable)
  )
  SELECT 'GRANT ' || string_agg(privilege_type || columns, ', ' ORDER BY privilege_type, columns) || ' ON ' || target || ' TO ' || quote_ident($2)
    || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS sql
  FROM mine GROUP BY target, is_grantable ORDER BY target`;

/** SQL that writes the ALTER DEFAULT PRIVILEGES commands: those of `$1` again for `$2`, and those of others that name `$1`. Row: `sql`. */
export const defaultPrivileges = `
  WITH taker AS (SELECT (SELECT oid FROM pg_roles WHERE rolname = $2) AS oid), defaults AS (
    SELECT d.*, CASE WHEN defaclrole = $1::text::regrole THEN quote_ident($2) ELSE defaclrole::regrole::text END AS maker,
      CASE WHEN defaclnamespace = 0 THEN '' ELSE ' IN SCHEMA ' || defaclnamespace::regnamespace::text END AS place,
      CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES' WHEN 'T' THEN 'TYPES'
        WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END AS things
    FROM pg_default_acl d
  )
  SELECT 'ALTER DEFAULT PRIVILEGES FOR ROLE ' || maker || place || ' GRANT ' || string_agg(item.privilege_type, ', ' ORDER BY item.privilege_type)
    || ' ON ' || things || ' TO ' || CASE WHEN item.grantee = 0 THEN 'PUBLIC' WHEN item.grantee = $1::text::regrole THEN quote_ident($2) ELSE item.grantee::regrole::text END
    || CASE WHEN item.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS sql
  FROM defaults d, aclexplode(defaclacl) AS item
  WHERE ((defaclrole = $1::text::regrole AND item.grantee <> defaclrole) OR (defaclrole <> $1::text::regrole AND item.grantee = $1::text::regrole))
    AND NOT EXISTS (SELECT FROM taker, pg_default_acl t, aclexplode(t.defaclacl) AS has
      WHERE t.defaclrole = CASE WHEN d.defaclrole = $1::text::regrole THEN taker.oid ELSE d.defaclrole END
        AND t.defaclnamespace = d.defaclnamespace AND t.defaclobjtype = d.defaclobjtype AND has.privilege_type = item.privilege_type
        AND has.grantee = CASE WHEN item.grantee = $1::text::regrole THEN taker.oid ELSE item.grantee END)
  GROUP BY maker, place, things, item.grantee, item.is_grantable
  UNION ALL
  SELECT 'ALTER DEFAULT PRIVILEGES FOR ROLE ' || maker || ' REVOKE ALL ON ' || things || ' FROM PUBLIC'
  FROM defaults WHERE defaclrole = $1::text::regrole AND defaclnamespace = 0 AND defaclobjtype IN ('f', 'T')
    AND NOT EXISTS (SELECT FROM aclexplode(defaclacl) AS item WHERE item.grantee = 0)
    AND NOT EXISTS (SELECT FROM taker, pg_default_acl t WHERE t.defaclrole = taker.oid AND t.defaclnamespace = 0
      AND t.defaclobjtype = defaults.defaclobjtype AND NOT EXISTS (SELECT FROM aclexplode(t.defaclacl) AS has WHERE has.grantee = 0))
  ORDER BY sql`;
