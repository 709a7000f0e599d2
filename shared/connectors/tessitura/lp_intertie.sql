/*
  Local procedures for Intertie: the change feed for organisations whose audit log does not cover constituents,
  the list of all constituents, and the only way to learn of merges.

  Read before you run it:
  - Both procedures only read. NOLOCK is not used on purpose: a dirty read could hide a change for good.
  - Table and column names are those of a common Tessitura database and were NOT checked against yours. Have
    your database administrator compare them, above all T_MERGED, TA_AUDIT_TRAIL, the contact permission table, and
    those of memberships, affiliations, salutations and orders.
  - A row that was deleted leaves no "stamp". Deletions and purges are only seen as far as TA_AUDIT_TRAIL records
    them; the nightly audit finds the rest.
  - "stamp" columns are local time without an offset. @since and @until come as UTC instants; the caller looks
    back over an overlap, because a row is stamped before its transaction commits.

  To install:
  1. Run this script in the impresario database.
  2. Register both names in TR_LOCAL_PROCEDURE (System Tables), so that POST Custom/Execute may run them.
  3. Give the API user group the service right "Add" on Custom/Execute.
  4. In the account's secret set "changes": "procedure" and/or "enumerate": { "by": "procedure" }.

  To remove: DROP PROCEDURE dbo.LP_INTERTIE_CHANGES, dbo.LP_INTERTIE_CONSTITUENTS, and their rows in TR_LOCAL_PROCEDURE.
*/
USE impresario;
GO

/* What changed from @since to @until, after the change_id @after, at most @top rows, in the order of change_id. */
CREATE OR ALTER PROCEDURE dbo.LP_INTERTIE_CHANGES
  @since varchar(40),
  @until varchar(40),
  @after varchar(80) = '',
  @top   int = 1000
AS
BEGIN
  SET NOCOUNT ON;

  /* The zone's name on the server; AT TIME ZONE knows its summer time. */
  DECLARE @zone sysname = 'Eastern Standard Time';
  DECLARE @from datetime = CONVERT(datetime, CONVERT(datetimeoffset, @since) AT TIME ZONE @zone);
  DECLARE @to   datetime = CONVERT(datetime, CONVERT(datetimeoffset, @until) AT TIME ZONE @zone);
  /* While the clocks change, local time runs shorter or longer than real time and the window could come out empty. */
  IF DATEDIFF(minute, @from, @to)
     <> DATEDIFF(minute, CONVERT(datetimeoffset, @since), CONVERT(datetimeoffset, @until))
    SELECT @from = DATEADD(hour, -1, @from), @to = DATEADD(hour, 1, @to);

  WITH changes (entity, entity_id, constituent_id, stamp) AS
  (
    SELECT 'customer', customer_no, customer_no, last_update_dt FROM dbo.T_CUSTOMER WHERE last_update_dt BETWEEN @from AND @to
    UNION ALL
    SELECT 'address', address_no, customer_no, last_update_dt FROM dbo.T_ADDRESS WHERE last_update_dt BETWEEN @from AND @to
    UNION ALL
    SELECT 'eaddress', eaddress_no, customer_no, last_update_dt FROM dbo.T_EADDRESS WHERE last_update_dt BETWEEN @from AND @to
    UNION ALL
    SELECT 'phone', phone_no, customer_no, last_update_dt FROM dbo.T_PHONE WHERE last_update_dt BETWEEN @from AND @to
    UNION ALL
    SELECT 'salutation', signor, customer_no, last_update_dt FROM dbo.TX_CUST_SAL WHERE last_update_dt BETWEEN @from AND @to
    UNION ALL
    SELECT 'login', login_no, customer_no, last_update_dt FROM dbo.T_CUST_LOGIN WHERE last_update_dt BETWEEN @from AND @to
    UNION ALL
    SELECT 'permission', id, customer_no, last_update_dt FROM dbo.TX_CONTACT_PERMISSION WHERE last_update_dt BETWEEN @from AND @to
    UNION ALL
    SELECT 'membership', cust_memb_no, customer_no, last_update_dt FROM dbo.TX_CUST_MEMBERSHIP WHERE last_update_dt BETWEEN @from AND @to
    UNION ALL
    SELECT 'affiliation', affiliation_no, individual_customer_no, last_update_dt FROM dbo.T_AFFILIATION WHERE last_update_dt BETWEEN @from AND @to
    UNION ALL
    SELECT 'household', affiliation_no, group_customer_no, last_update_dt FROM dbo.T_AFFILIATION WHERE last_update_dt BETWEEN @from AND @to
    UNION ALL
    SELECT 'order', order_no, customer_no, last_update_dt FROM dbo.T_ORDER WHERE last_update_dt BETWEEN @from AND @to
    UNION ALL
    /* Under the number of its order, by which its tickets are then asked for. */
    SELECT DISTINCT 'ticket', head.order_no, head.customer_no, line.last_update_dt
    FROM dbo.T_SUB_LINEITEM AS line JOIN dbo.T_ORDER AS head ON head.order_no = line.order_no
    WHERE line.last_update_dt BETWEEN @from AND @to
    UNION ALL
    /* A merge rings both: the one that ended, and the one that now has what was its. */
    SELECT 'merge', kept_id, deleted_id, merge_dt FROM dbo.T_MERGED WHERE merge_dt BETWEEN @from AND @to
    UNION ALL
    SELECT 'kept', deleted_id, kept_id, merge_dt FROM dbo.T_MERGED WHERE merge_dt BETWEEN @from AND @to
    UNION ALL
    /* Deleted rows, and constituents that were purged; one line of the trail per column, so DISTINCT. */
    SELECT DISTINCT 'deleted', COALESCE(TRY_CONVERT(int, alternate_key), customer_no), customer_no, [date]
    FROM dbo.TA_AUDIT_TRAIL
    WHERE [date] BETWEEN @from AND @to AND [action] LIKE 'D%' AND customer_no > 0
  ),
  named AS
  (
    SELECT
      CONVERT(varchar(23), stamp, 126) + '/' + entity + '/' + CONVERT(varchar(12), entity_id) + '/' + CONVERT(varchar(12), constituent_id) AS change_id,
      constituent_id
    FROM changes
  )
  SELECT TOP (@top) change_id, constituent_id
  FROM named
  WHERE change_id COLLATE Latin1_General_BIN2 > @after COLLATE Latin1_General_BIN2
  ORDER BY change_id COLLATE Latin1_General_BIN2;
END;
GO

/* Every constituent after the id @after, ascending, at most @top rows; merged ones tell where they went. */
CREATE OR ALTER PROCEDURE dbo.LP_INTERTIE_CONSTITUENTS
  @after int = 0,
  @top   int = 1000
AS
BEGIN
  SET NOCOUNT ON;

  SELECT TOP (@top) constituent_id, merged_into
  FROM
  (
    SELECT customer_no AS constituent_id, CONVERT(int, NULL) AS merged_into
    FROM dbo.T_CUSTOMER
    WHERE customer_no > @after AND customer_no NOT IN (SELECT deleted_id FROM dbo.T_MERGED)
    UNION ALL
    SELECT deleted_id, kept_id FROM dbo.T_MERGED WHERE deleted_id > @after
  ) AS everybody
  ORDER BY constituent_id;
END;
GO

/* Custom/Execute runs them as the service's own database role. */
GRANT EXECUTE ON dbo.LP_INTERTIE_CHANGES TO impusers;
GRANT EXECUTE ON dbo.LP_INTERTIE_CONSTITUENTS TO impusers;
GO
